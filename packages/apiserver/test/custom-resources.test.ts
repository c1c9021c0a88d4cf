import { type CustomResourceDefinition, isConditionTrue, type JSONSchemaProps, type KubernetesObject } from '@steersman/api';
import type { ApiTransport, ResourcePath } from '@steersman/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryServer } from './memory-server.js';

const stop = new AbortController();
let api: ApiTransport;

beforeAll(async () => {
  api = await memoryServer(stop.signal);
});
afterAll(() => stop.abort());

const definitions: ResourcePath = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

const shirtSchema: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 60 },
        colour: { type: 'string', default: 'blue', enum: ['red', 'blue'] },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      },
    },
    status: { type: 'object', properties: { worn: { type: 'boolean' } } },
  },
};

/** Creates a definition and waits until it is served. */
async function define(group: string, version: Partial<CustomResourceDefinition['spec']['versions'][number]> = {}): Promise<ResourcePath> {
  const name = `shirts.${group}`;
  const spec = {
    group,
    scope: 'Namespaced',
    names: { plural: 'shirts', kind: 'Shirt' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: shirtSchema }, ...version }],
  };
  await api.create(
    definitions,
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec } as KubernetesObject,
    {},
  );
  await expect
    .poll(async () => isConditionTrue(((await api.get({ ...definitions, name }, {})) as CustomResourceDefinition).status?.conditions, 'Established'))
    .toBe(true);
  return { group, version: 'v1', resource: 'shirts', namespace: 'default' };
}

const shirt = (group: string, name: string, spec: object): KubernetesObject =>
  ({ apiVersion: `${group}/v1`, kind: 'Shirt', metadata: { name, namespace: 'default' }, spec }) as KubernetesObject;

it('prunes, defaults and validates custom resources', async () => {
  const group = 'prune.example.com';
  const path = await define(group);

  const made = await api.create(path, shirt(group, 'a', { size: 3, unknown: 1 }), {});
  expect(made).toMatchObject({ spec: { size: 3, colour: 'blue' }, metadata: { generation: 1 } });
  expect(made).not.toHaveProperty('spec.unknown');

  await expect(api.create(path, shirt(group, 'b', { size: 99, tags: ['x', 'x'] }), {})).rejects.toThrow(
    'Shirt.prune.example.com "b" is invalid: [spec.size: Invalid value: 99: spec.size in body should be less than or equal to 60, spec.tags[1]: Duplicate value: "x"]',
  );
});

it('keeps spec and status apart where the status is a subresource', async () => {
  const group = 'status.example.com';
  const path = await define(group, { subresources: { status: {} } });
  await api.create(path, { ...shirt(group, 'a', { size: 3 }), status: { worn: true } } as KubernetesObject, {});

  const patched = await api.patch(
    { ...path, name: 'a', subresource: 'status' },
    'application/merge-patch+json',
    { spec: { size: 9 }, status: { worn: false } },
    {},
  );

  expect(patched).toMatchObject({ spec: { size: 3 }, status: { worn: false }, metadata: { generation: 1 } });
});

it('fills in defaults that a definition got after the object was stored', async () => {
  const group = 'later.example.com';
  const path = await define(group);
  await api.create(path, shirt(group, 'a', { size: 3 }), {});

  const at = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/fit';
  await api.patch(
    { ...definitions, name: `shirts.${group}` },
    'application/json-patch+json',
    [{ op: 'add', path: at, value: { type: 'string', default: 'loose' } }],
    {},
  );

  await expect.poll(() => api.get({ ...path, name: 'a' }, {})).toMatchObject({ spec: { size: 3, fit: 'loose' } });
});

it('lets a second definition wait for names that are taken', async () => {
  await define('names.example.com');
  const rival = {
    group: 'names.example.com',
    scope: 'Namespaced',
    names: { plural: 'coats', kind: 'Shirt' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  };
  const name = 'coats.names.example.com';
  await api.create(
    definitions,
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec: rival } as KubernetesObject,
    {},
  );

  await expect
    .poll(() => api.get({ ...definitions, name }, {}))
    .toMatchObject({
      status: {
        conditions: [
          { type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: '"ShirtList" is already in use' },
          { type: 'Established', status: 'False', reason: 'NotAccepted' },
        ],
      },
    });
});

it('deletes the objects of a definition with it', async () => {
  const group = 'gone.example.com';
  const path = await define(group);
  await api.create(path, shirt(group, 'a', { size: 3 }), {});

  await api.delete({ ...definitions, name: `shirts.${group}` }, {});

  await expect.poll(() => api.get({ ...definitions, name: `shirts.${group}` }, {}).catch((error: Error) => error.message)).toContain('not found');
  await expect(api.list(path, {})).rejects.toThrow('could not find the requested resource');
  await define(group);
  await expect(api.list(path, {})).resolves.toMatchObject({ items: [] });
});
