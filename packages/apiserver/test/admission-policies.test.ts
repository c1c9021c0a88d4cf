// Policies that hold in a real API server.
import { StatusError } from '@steersman/api';
import type { ApiTransport } from '@steersman/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryServer } from './memory-server.js';

const group = 'admissionregistration.k8s.io';
const stop = new AbortController();
let api: ApiTransport;

beforeAll(async () => {
  api = await memoryServer(stop.signal);
});
afterAll(() => stop.abort());

const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };

async function bind(name: string, spec: object, binding: object = {}): Promise<void> {
  const matchConstraints = {
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
    objectSelector: { matchLabels: { policy: name } },
  };
  const place = { group, version: 'v1' };
  const apiVersion = `${group}/v1`;
  await api.create(
    { ...place, resource: 'validatingadmissionpolicies' },
    { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: { matchConstraints, ...spec } },
    {},
  );
  await api.create(
    { ...place, resource: 'validatingadmissionpolicybindings' },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'], ...binding },
    },
    {},
  );
}

async function attempt(policy: string, name: string, data: object): Promise<string> {
  try {
    await api.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { policy } }, data }, {});
    return 'created';
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.message.replace(/^.* denied request: /, '')}`;
  }
}

describe('admission policies', () => {
  it('decide by expressions, with variables, conditions and messages', async () => {
    await bind('sizes', {
      variables: [{ name: 'size', expression: 'int(object.data.size)' }],
      matchConditions: [{ name: 'sized', expression: "has(object.data) && 'size' in object.data" }],
      validations: [{ expression: 'variables.size <= 10', messageExpression: "string(variables.size) + ' is too large'", reason: 'Forbidden' }],
    });
    expect(await attempt('sizes', 'small', { size: '7' })).toBe('created');
    expect(await attempt('sizes', 'large', { size: '70' })).toBe('403 70 is too large');
    expect(await attempt('sizes', 'unsized', {})).toBe('created');
    expect(await attempt('sizes', 'word', { size: 'huge' })).toBe(
      `422 expression 'variables.size <= 10' resulted in error: composited variable "size" fails to evaluate: ` +
        `expression 'int(object.data.size)' resulted in error: type conversion error from 'string' to 'int'`,
    );
  });

  it('take parameters, and ask the authorizer', async () => {
    await api.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'limit' }, data: { most: '1' } }, {});
    await bind(
      'limited',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [
          { expression: 'object.data.size() <= int(params.data.most)' },
          { expression: "request.namespace == 'default' && namespaceObject.metadata.name == 'default'" },
          { expression: "authorizer.requestResource.check('create').allowed()" },
          { expression: "authorizer.group('').resource('secrets').check('list').allowed()" },
          { expression: "!authorizer.serviceAccount('default', 'default').group('').resource('secrets').check('list').allowed()" },
        ],
      },
      { paramRef: { name: 'limit', namespace: 'default', parameterNotFoundAction: 'Deny' } },
    );
    expect(await attempt('limited', 'one', { a: '' })).toBe('created');
    expect(await attempt('limited', 'two', { a: '', b: '' })).toBe('422 failed expression: object.data.size() <= int(params.data.most)');
    await api.delete({ ...configMaps, name: 'limit' }, {});
    expect(await attempt('limited', 'none', { a: '' })).toMatch(/^422 failed to configure binding: no params found/);
  });

  it('are refused where their expressions do not compile', async () => {
    await expect(bind('bad', { validations: [{ expression: 'nothing == 1' }] })).rejects.toThrow("undeclared reference to 'nothing'");
    await expect(bind('bad', { validations: [{ expression: '1' }] })).rejects.toThrow('must evaluate to bool but got int');
  });
});
