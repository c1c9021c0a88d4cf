// The spec of a definition as upstream's validation sees it: what all versions have in common stands once, at the top.
// The paths in its error texts follow from that.
import { type CustomResourceDefinitionSpec, type CustomResourceDefinitionVersion, deepEqual } from '@steersman/api';

type Shared = Pick<CustomResourceDefinitionVersion, 'subresources' | 'additionalPrinterColumns' | 'selectableFields' | 'schema'>;

export interface DefinitionSpec extends Omit<CustomResourceDefinitionSpec, 'conversion'> {
  /** The name of the first version. */
  readonly version?: string;
  readonly validation?: NonNullable<CustomResourceDefinitionVersion['schema']>;
  readonly subresources?: NonNullable<CustomResourceDefinitionVersion['subresources']>;
  readonly additionalPrinterColumns?: NonNullable<CustomResourceDefinitionVersion['additionalPrinterColumns']>;
  readonly selectableFields?: NonNullable<CustomResourceDefinitionVersion['selectableFields']>;
  readonly conversion?: NonNullable<CustomResourceDefinitionSpec['conversion']>;
}

const sharedFields = ['subresources', 'schema', 'additionalPrinterColumns', 'selectableFields'] as const satisfies readonly (keyof Shared)[];

/** Moves what is the same in every version to the top. */
export function definitionSpec(spec: CustomResourceDefinitionSpec): DefinitionSpec {
  const versions = spec.versions ?? [];
  const [first] = versions;
  if (!first) return { ...spec, versions: [] };
  const common = sharedFields.filter((name) => versions.every((version) => deepEqual(version[name], first[name])));
  const moved = Object.fromEntries(
    common.filter((name) => first[name] !== undefined).map((name) => [name === 'schema' ? 'validation' : name, first[name]]),
  );
  const stripped = versions.map((version) => {
    const rest = { ...version };
    for (const name of common) delete rest[name];
    return rest;
  });
  return { ...spec, ...moved, version: first.name, versions: stripped };
}
