import type { CustomResourceDefinition, JSONSchemaProps } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { validateDefinition } from './definition-validation.js';

const aDefinition = (spec: JSONSchemaProps, version: object = {}): CustomResourceDefinition =>
  ({
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } }, ...version }],
      conversion: { strategy: 'None' },
    },
    status: { acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] },
  }) as CustomResourceDefinition;

const problems = (definition: CustomResourceDefinition): string[] =>
  validateDefinition(definition).map(({ field, message }) => `${field}: ${message}`);

const spec = 'spec.validation.openAPIV3Schema.properties[spec]';

describe('validation of definitions', () => {
  it('accepts a structural schema', () => {
    expect(problems(aDefinition({ type: 'object', properties: { a: { type: 'string', default: 'x' } } }))).toEqual([]);
  });

  it('wants a type for every field', () => {
    expect(problems(aDefinition({ properties: {} }))).toEqual([`${spec}.type: Required value: must not be empty for specified object fields`]);
  });

  it('wants what value validations speak of to be specified', () => {
    const schema: JSONSchemaProps = { type: 'object', not: { properties: { spec: { properties: { a: { minLength: 1 } } } } } };
    const definition = aDefinition({ type: 'object' });
    definition.spec.versions[0]!.schema = { openAPIV3Schema: { ...schema, properties: { spec: { type: 'object' } } } };
    expect(problems(definition)).toEqual([
      `${spec}.properties[a]: Required value: because it is defined in spec.validation.openAPIV3Schema.not.properties[spec].properties[a]`,
    ]);
  });

  it('refuses defaults that do not fit, or would be pruned', () => {
    expect(problems(aDefinition({ type: 'object', default: { b: 1 }, properties: { a: { type: 'integer', default: 'x' } } }))).toEqual([
      `${spec}.default: Invalid value: {"b":1}: must not have unknown fields`,
      `${spec}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`,
    ]);
  });

  it('names the version in the path where versions differ', () => {
    const definition = aDefinition({ type: 'object' });
    definition.spec.versions.push({ name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'string' } } });
    expect(problems(definition)).toEqual(['spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root']);
  });
});
