// The schema engine's work for a custom kind: decoding with pruning, defaults, and validation by schema and rules.
import {
  badRequest,
  clone,
  DecodeError,
  decodeValue,
  type FieldError,
  field,
  groupVersion,
  names,
  splitApiVersion,
  validateMetadata,
  validateMetadataUpdate,
} from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Decoded, KindCodec } from '../../registry/resource-definition.js';
import type { RuleValidator } from '../rules/rule-validator.js';
import { Correlation } from '../schema/correlation.js';
import { fillDefaults } from '../schema/defaulting.js';
import { coerceEmbedded, coerceMetadata, MetadataError, validateEmbedded } from '../schema/embedded-metadata.js';
import { validateListTypes } from '../schema/list-types.js';
import { pruneNulls, pruneObject } from '../schema/pruning.js';
import { type Json, propertyOf, type SchemaNode } from '../schema/schema-node.js';
import { typedSchemaOf } from '../schema/typed-schema.js';
import { validateValue } from '../schema/value-validation.js';
import type { CustomVersion } from './custom-version.js';
import { scaleSpecErrors, scaleStatusErrors } from './scale-fields.js';

const uncheckedRules = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Errors that keep rules from being asked at all. */
const blocking = new Set<FieldError['reason']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Brings an object into the form of one version's schema, in place; gives back the paths of what was dropped. */
export function conform(object: Json, schema: SchemaNode | undefined): string[] {
  const metadata = coerceMetadata(object, '');
  const dropped = pruneObject(object, schema);
  pruneNulls(object, schema);
  return [...metadata, ...dropped, ...coerceEmbedded(object, schema).sort()];
}

export function customCodec(custom: CustomVersion, rules: RuleValidator | undefined): KindCodec {
  const { info, schemas, version } = custom;
  const schema = schemas.get(info.version) ?? {};
  const scale = version.subresources?.scale;
  const statusSchema = propertyOf(schema, 'status') ?? {};
  const ruleErrors = (errors: readonly FieldError[], object: ApiObject, old?: ApiObject, warnings?: string[]): FieldError[] => {
    if (!rules) return [];
    if (errors.some(({ reason }) => blocking.has(reason))) return [field.invalid('<nil>', null, uncheckedRules)];
    const correlation = old && new Correlation(object, old, schema);
    return rules.validate(object, old, { ...(correlation && { correlation }), ...(warnings && { warnings }) });
  };
  const listErrors = (object: ApiObject, old: ApiObject): FieldError[] =>
    validateListTypes(old, schema).length ? [] : validateListTypes(object, schema);
  return {
    schema: typedSchemaOf(schema),
    decode: (value) => decode(value as Json, custom),
    applyDefaults: (object) => fillDefaults(object, schema),
    validateCreate(object) {
      const kind = kindErrors(object, custom);
      if (kind.length) return kind;
      const errors = [
        ...validateMetadata(object.metadata, { namespaced: info.namespaced, nameRule: names.dns1123SubdomainErrors, anyFinalizer: true }),
        ...validateValue(schema, object),
        ...scaleSpecErrors(object, scale),
        ...scaleStatusErrors(object, scale),
        ...validateEmbedded(object, schema),
        ...validateListTypes(object, schema),
      ];
      return [...errors, ...ruleErrors(errors, object)];
    },
    validateUpdate(object, old, warnings) {
      const kind = kindErrors(object, custom);
      if (kind.length) return kind;
      const errors = [
        ...validateMetadataUpdate(object.metadata, old.metadata, { anyFinalizer: true }),
        ...validateValue(schema, object, '', new Correlation(object, old, schema)),
        ...scaleSpecErrors(object, scale),
        ...scaleStatusErrors(object, scale),
        ...validateEmbedded(object, schema),
        ...listErrors(object, old),
      ];
      return [...errors, ...ruleErrors(errors, object, old, warnings)];
    },
    validateStatusUpdate(object, old, warnings) {
      const kind = kindErrors(object, custom);
      if (kind.length) return kind;
      const status = object['status'];
      const errors = [
        ...validateMetadataUpdate(object.metadata, old.metadata, { anyFinalizer: true }),
        ...(status === undefined ? [] : validateValue(statusSchema, status, 'status', new Correlation(object, old, schema).field('status'))),
        ...scaleStatusErrors(object, scale),
        ...listErrors(object, old),
      ];
      return [...errors, ...ruleErrors(errors, object, old, warnings)];
    },
  };
}

function decode(value: Json, { info, schemas }: CustomVersion): Decoded {
  const object = clone(value) as Json;
  object['apiVersion'] ||= groupVersion(info);
  object['kind'] ||= info.kind;
  const unfit = (message: string): Error => badRequest(`${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: ${message}`);
  try {
    decodeValue({ kind: 'any' }, object, { structName: info.kind, path: '' });
    const { group, version } = splitApiVersion(String(object['apiVersion']));
    const own = group === info.group && object['kind'] === info.kind;
    const dropped = own ? conform(object, schemas.get(version)) : coerceMetadata(object, '');
    object['metadata'] ??= {};
    return { object: object as ApiObject, problems: dropped.map((path) => `unknown field "${path}"`) };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof MetadataError) throw unfit(error.message);
    throw error;
  }
}

function kindErrors(object: ApiObject, { info }: CustomVersion): FieldError[] {
  const wanted = groupVersion(info);
  return [
    ...(object.kind === info.kind ? [] : [field.invalid('kind', object.kind, `must be ${info.kind}`)]),
    ...(object.apiVersion === wanted ? [] : [field.invalid('apiVersion', object.apiVersion, `must be ${wanted}`)]),
  ];
}
