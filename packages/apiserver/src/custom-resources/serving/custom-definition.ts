// A served version of a custom resource as the registry takes it: the same as a built-in kind.
import type { CustomResourceDefinition } from '@steersman/api';
import type { ResourceDefinition } from '../../registry/resource-definition.js';
import { customPrefix } from '../../registry/storage-keys.js';
import { RuleValidator } from '../rules/rule-validator.js';
import { customCodec } from './custom-codec.js';
import { customScale } from './custom-scale.js';
import { customStrategy } from './custom-strategy.js';
import { customVersions, deprecationWarning } from './custom-version.js';
import { printerColumns } from './printer-columns.js';
import { type Converter, storedForm } from './stored-form.js';

/** The resource definitions of all versions that a CustomResourceDefinition serves. */
export function customDefinitions(definition: CustomResourceDefinition, convert: Converter): ResourceDefinition[] {
  const versions = customVersions(definition);
  const primary = versions.find(({ version }) => version.storage) ?? versions[0];
  return versions.map((custom) => {
    const { info, version, schemas } = custom;
    const warning = deprecationWarning(custom, versions);
    const scale = version.subresources?.scale;
    return {
      info,
      prefix: customPrefix(info.group, info.resource),
      codec: customCodec(custom, RuleValidator.of(schemas.get(info.version) ?? {})),
      strategy: customStrategy(custom),
      columns: printerColumns(version),
      hasStatus: version.subresources?.status !== undefined,
      storedForm: storedForm(custom, convert),
      custom: true,
      secondary: custom !== primary,
      schema: schemas.get(info.version) ?? {},
      selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
      ...(warning !== undefined && { deprecation: warning }),
      ...(definition.metadata.deletionTimestamp && { terminating: true }),
      ...(scale && { subresources: new Map([['scale', customScale(scale)]]) }),
    };
  });
}
