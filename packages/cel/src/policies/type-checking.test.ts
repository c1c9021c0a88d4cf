import { type JSONSchemaProps, type ObjectSchema, schemaOf, type ValidatingAdmissionPolicySpec } from '@steersman/api';
import { expect, test } from 'vitest';
import { customKindType, kindType } from './kind-types.js';
import { policyTypeWarnings } from './type-checking.js';

const schema = (apiVersion: string, kind: string): ObjectSchema => schemaOf(apiVersion, kind) as ObjectSchema;
const deployments = { title: 'apps/v1, Kind=Deployment', type: kindType(schema('apps/v1', 'Deployment')) };
const pods = { title: '/v1, Kind=Pod', type: kindType(schema('v1', 'Pod')) };
const policy = (...validations: { expression: string; messageExpression?: string }[]) => ({ validations }) as ValidatingAdmissionPolicySpec;

test('expressions that fit the kind have no warnings', () => {
  const spec = policy({
    expression: 'object.spec.template.spec.containers.all(c, has(c.image) && c.ports.exists(p, p.containerPort > 0)) && object.metadata.name != ""',
    messageExpression: '"made at " + string(object.metadata.creationTimestamp)',
  });
  expect(policyTypeWarnings(spec, [deployments], undefined)).toEqual([]);
});

test('each kind that an expression does not fit is named, under the expression', () => {
  const spec = policy({ expression: 'object.spec.replicas > 1' }, { expression: 'true', messageExpression: 'object.spec.maximum' });
  const [first, second] = policyTypeWarnings(spec, [pods, deployments], undefined);
  expect(first).toEqual({
    fieldRef: 'spec.validations[0].expression',
    warning: "/v1, Kind=Pod: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n | ...........^\n",
  });
  expect(second?.fieldRef).toBe('spec.validations[1].messageExpression');
  expect(second?.warning.match(/undefined field 'maximum'/g)).toHaveLength(2);
});

test('kinds that have themselves among their fields are types too', () => {
  const type = kindType(schema('apiextensions.k8s.io/v1', 'CustomResourceDefinition'));
  const spec = policy({ expression: 'object.spec.versions.all(v, v.schema.openAPIV3Schema.properties["spec"].description != "")' });
  expect(policyTypeWarnings(spec, [{ title: 'definitions', type }], undefined)).toEqual([]);
});

test('custom kinds are checked by their schemas, parameters by theirs', () => {
  const metadata = schema('v1', 'ConfigMap').fields.get('metadata')!.schema as ObjectSchema;
  const shirt = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          size: { type: 'integer' },
          when: { type: 'string', format: 'date-time' },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          tags: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
    },
  } as JSONSchemaProps;
  const kinds = [{ title: 'shirts', type: customKindType(shirt, 'Shirt', metadata) }];
  const params = kindType(schema('v1', 'ConfigMap'));
  const good = policy({
    expression:
      'object.spec.size > 0 && object.spec.tags["a"] == params.data["a"] && object.spec.any.deep == 1 && object.spec.when < timestamp("2030-01-01T00:00:00Z")',
  });
  expect(policyTypeWarnings({ ...good, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }, kinds, params)).toEqual([]);
  const bad = policy({ expression: 'object.spec.size == object.metadata.name' });
  expect(policyTypeWarnings(bad, kinds, undefined)).toHaveLength(1);
});
