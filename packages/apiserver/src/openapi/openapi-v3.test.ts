import { readFileSync } from 'node:fs';
import type { ResourceInfo } from '@steersman/api';
import protobufjs from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { CustomResource } from './document.js';
import { OpenApiV3 } from './openapi-v3.js';

const info: ResourceInfo = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'shirts',
  singular: 'shirt',
  kind: 'Shirt',
  listKind: 'ShirtList',
  namespaced: true,
  verbs: ['get', 'list', 'create', 'watch'],
  shortNames: [],
  categories: [],
  subresources: [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'] }],
};

const shirts = (color: string): CustomResource => ({
  info,
  schema: {
    type: 'object',
    properties: { spec: { type: 'string', description: color }, inner: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  },
});

interface Named {
  readonly name: string;
}

interface Published {
  readonly paths: Record<string, unknown>;
  readonly components: { readonly schemas: Record<string, { readonly properties: Record<string, { readonly properties?: object }> }> };
}

const read = async (openApi: OpenApiV3): Promise<Published> => JSON.parse((await openApi.document('apis/stable.example.com/v1')).text);

describe('OpenAPI of custom resources', () => {
  it('has their paths and schemas', async () => {
    const { paths, components } = await read(new OpenApiV3({ custom: () => [shirts('red')] }));
    const base = '/apis/stable.example.com/v1';
    expect(Object.keys(paths).sort()).toEqual([
      `${base}/namespaces/{namespace}/shirts`,
      `${base}/namespaces/{namespace}/shirts/{name}`,
      `${base}/namespaces/{namespace}/shirts/{name}/scale`,
      `${base}/shirts`,
    ]);
    const schema = components.schemas['com.example.stable.v1.Shirt']!;
    expect(Object.keys(schema.properties).sort()).toEqual(['apiVersion', 'inner', 'kind', 'metadata', 'spec']);
    expect(Object.keys(schema.properties['inner']?.properties ?? {})).toEqual(['apiVersion', 'kind', 'metadata']);
    expect(schema).toHaveProperty('x-kubernetes-group-version-kind', [{ group: 'stable.example.com', version: 'v1', kind: 'Shirt' }]);
  });

  it('names the fields that selectors may ask for', async () => {
    const { components } = await read(new OpenApiV3({ custom: () => [{ ...shirts('red'), selectableFields: ['spec.color'] }] }));
    for (const name of ['Shirt', 'ShirtList'])
      expect(components.schemas[`com.example.stable.v1.${name}`]).toHaveProperty('x-kubernetes-selectable-fields', [{ fieldPath: 'spec.color' }]);
  });

  it('are the same in protocol buffers', async () => {
    const openApi = new OpenApiV3({ custom: () => [shirts('red')] });
    const proto = readFileSync(new URL('../../proto/openapi-v3.proto', import.meta.url), 'utf8');
    const type = protobufjs.parse(proto, { keepCase: true }).root.lookupType('openapi.v3.Document');
    const bytes = await openApi.protobuf('apis/stable.example.com/v1');
    const document = type.toObject(type.decode(bytes)) as Record<
      'paths' | 'components',
      Record<string, { additional_properties: Named[] } & Named[]>
    >;
    const { paths, components } = await read(openApi);
    expect(document.paths['path']!.map(({ name }) => name)).toEqual(Object.keys(paths));
    expect(document.components['schemas']!.additional_properties.map(({ name }) => name)).toEqual(Object.keys(components.schemas));
    const shirt = document.components['schemas']!.additional_properties.find(({ name }) => name === 'com.example.stable.v1.Shirt');
    expect(JSON.stringify(shirt)).toContain('"description":"red"');
  });

  it('follows their definitions', async () => {
    let custom = [shirts('red')];
    const openApi = new OpenApiV3({ custom: () => custom });
    const before = await openApi.document('apis/stable.example.com/v1');
    expect(await openApi.document('apis/stable.example.com/v1')).toBe(before);
    custom = [shirts('blue')];
    expect((await openApi.document('apis/stable.example.com/v1')).hash).not.toBe(before.hash);
    custom = [];
    expect(openApi.serves('apis/stable.example.com/v1')).toBe(false);
  });
});
