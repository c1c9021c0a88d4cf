// What is checked of a version of a definition beside its schema: deprecation, subresources, columns and selectable fields.
import { type CustomResourceDefinitionVersion, type FieldError, field } from '@steersman/api';
import type { SchemaNode } from '../schema/schema-node.js';
import { schemaAtPath } from '../schema/schema-path.js';

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const maxSelectableFields = 8;

export function validateDeprecation({ deprecated, deprecationWarning: warning }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  if (warning === undefined) return [];
  const at = `${path}.deprecationWarning`;
  if (!deprecated) return [field.invalid(at, warning, 'can only be set for deprecated versions')];
  const unprintable = [...warning].findIndex(
    (character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character) || (character !== ' ' && /\p{Zs}/u.test(character)),
  );
  return [
    ...(Buffer.byteLength(warning) > 256 ? ['must be <= 256 characters long'] : []),
    ...(warning === '' ? ['must not be an empty string'] : []),
    ...(unprintable >= 0
      ? [
          `must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength([...warning].slice(0, unprintable).join(''))}`,
        ]
      : []),
  ].map((message) => field.invalid(at, warning, message));
}

/** A path such as `.spec.replicas`, and below what it has to be. */
function simplePathErrors(value: string, path: string, below?: { prefixes: readonly string[]; wrong: string }): FieldError[] {
  if (!value.startsWith('.')) return [field.invalid(path, value, 'must be a simple json path starting with .')];
  if (below && !below.prefixes.some((prefix) => value.startsWith(prefix))) return [field.invalid(path, value, below.wrong)];
  return [];
}

export function validateSubresources(subresources: CustomResourceDefinitionVersion['subresources'], path: string): FieldError[] {
  const scale = subresources?.scale;
  if (!scale) return [];
  const requiredPath = (name: 'specReplicasPath' | 'statusReplicasPath', prefix: string): FieldError[] => {
    const at = `${path}.scale.${name}`;
    if (!scale[name]) return [field.required(at)];
    return simplePathErrors(scale[name], at, { prefixes: [`.${prefix}.`], wrong: `should be a json path under .${prefix}` });
  };
  const selector = scale.labelSelectorPath;
  return [
    ...requiredPath('specReplicasPath', 'spec'),
    ...requiredPath('statusReplicasPath', 'status'),
    ...(selector
      ? simplePathErrors(selector, `${path}.scale.labelSelectorPath`, {
          prefixes: ['.spec.', '.status.'],
          wrong: 'should be a json path under either .spec or .status',
        })
      : []),
  ];
}

export const validateColumns = (columns: CustomResourceDefinitionVersion['additionalPrinterColumns'], path: string): FieldError[] =>
  (columns ?? []).flatMap(({ name, type, format, jsonPath }, index) => {
    const at = `${path}[${index}]`;
    const types = `must be one of ${columnTypes.join(',')}`;
    return [
      ...(name ? [] : [field.required(`${at}.name`)]),
      ...(!type ? [field.required(`${at}.type`, types)] : columnTypes.includes(type) ? [] : [field.invalid(`${at}.type`, type, types)]),
      ...(format && !columnFormats.includes(format) ? [field.invalid(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`)] : []),
      ...(jsonPath ? simplePathErrors(jsonPath, `${at}.JSONPath`) : [field.required(`${at}.JSONPath`)]),
    ];
  });

export interface SelectableOptions {
  readonly path: string;
  /** Whether there may be more than the limit, because there were already. */
  readonly unlimited: boolean;
}

export function validateSelectableFields(
  fields: CustomResourceDefinitionVersion['selectableFields'],
  schema: SchemaNode,
  { path, unlimited }: SelectableOptions,
): FieldError[] {
  const seen = new Set<string>();
  const errors = (fields ?? []).flatMap(({ jsonPath }, index) => {
    const at = `${path}[${index}].jsonPath`;
    if (!jsonPath) return [field.required(at)];
    const found = schemaAtPath(jsonPath, schema, { keys: false });
    if ('problem' in found) return [field.invalid(at, jsonPath, `is an invalid path: ${found.problem}`)];
    const wrong: FieldError[] = [];
    if (found.path.split(/[.[]/)[0] === 'metadata') wrong.push(field.invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? ''))
      wrong.push(
        field.invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(found.path)) wrong.push(field.duplicate(at, jsonPath));
    seen.add(found.path);
    return wrong;
  });
  return seen.size > maxSelectableFields && !unlimited ? [...errors, field.tooMany(path, seen.size, maxSelectableFields)] : errors;
}
