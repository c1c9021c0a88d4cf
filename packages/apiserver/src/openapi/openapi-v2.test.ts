import { readFileSync } from 'node:fs';
import type { ResourceInfo } from '@steersman/api';
import protobufjs from 'protobufjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SchemaNode } from '../custom-resources/schema/schema-node.js';
import type { CustomResource } from './document.js';
import { OpenApiV2 } from './openapi-v2.js';

interface Swagger {
  readonly paths: Record<string, Record<string, { parameters?: { name?: string; $ref?: string }[]; consumes: string[]; responses: object }>>;
  readonly definitions: Record<string, { properties: Record<string, object>; required?: string[] }>;
  readonly parameters: Record<string, object>;
}

const info: ResourceInfo = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'shirts',
  singular: 'shirt',
  kind: 'Shirt',
  listKind: 'ShirtList',
  namespaced: true,
  verbs: ['get', 'list', 'create', 'watch', 'update', 'patch', 'delete', 'deletecollection'],
  shortNames: [],
  categories: [],
  subresources: [],
};

const shirts = (schema: SchemaNode): CustomResource[] => [{ info, schema }];
const read = async (openApi: OpenApiV2): Promise<Swagger> => JSON.parse((await openApi.document()).text) as Swagger;
const name = 'com.example.stable.v1.Shirt';

describe('the OpenAPI v2 document', () => {
  let custom: CustomResource[] = [];
  const openApi = new OpenApiV2({ custom: () => custom });
  let builtIn: Swagger;
  beforeAll(async () => {
    builtIn = await read(openApi);
  });

  it('refers to definitions, without defaults and alternatives', () => {
    const { properties } = builtIn.definitions['io.k8s.api.core.v1.PodSpec']!;
    expect(properties['containers']).toMatchObject({
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(properties['securityContext']).toHaveProperty('$ref', '#/definitions/io.k8s.api.core.v1.PodSecurityContext');
    expect(JSON.stringify(builtIn.definitions['io.k8s.api.core.v1.Container'])).not.toMatch(/"(default|oneOf|allOf)":/);
    expect(builtIn.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ type: 'string', format: 'int-or-string' });
  });

  it('has bodies among the parameters, and shares what many operations take', () => {
    const { post, patch } = builtIn.paths['/api/v1/namespaces/{namespace}/pods']! as Record<string, { parameters: { name?: string }[] }>;
    expect(patch).toBeUndefined();
    expect(post!.parameters.map(({ name: one }) => one)).toEqual(['body', 'dryRun', undefined, 'fieldValidation']);
    const references = JSON.stringify(builtIn.paths).matchAll(/#\/parameters\/([^"]+)/g);
    for (const [, shared] of references) expect(builtIn.parameters).toHaveProperty([shared!]);
  });

  it('follows custom resources', async () => {
    custom = shirts({ type: 'object', properties: { spec: { type: 'object', properties: { color: { type: 'string' } } } } });
    const before = await read(openApi);
    expect(before.paths['/apis/stable.example.com/v1/namespaces/{namespace}/shirts/{name}']?.['patch']?.consumes).not.toContain(
      'application/strategic-merge-patch+json',
    );
    expect(Object.keys(before.definitions[name]!.properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    custom = shirts({ type: 'object', properties: {} });
    expect(Object.keys((await read(openApi)).definitions[name]!.properties)).toEqual(['apiVersion', 'kind', 'metadata']);
    custom = [];
    expect((await read(openApi)).definitions).not.toHaveProperty([name]);
  });

  it('leaves out what kubectl of old cannot cope with', async () => {
    const open: SchemaNode = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } };
    custom = shirts({
      type: 'object',
      properties: { open, empty: { type: 'string', nullable: true }, either: { anyOf: [{ type: 'integer' }], 'x-kubernetes-int-or-string': true } },
      required: ['empty', 'either'],
    });
    const { properties, required } = (await read(openApi)).definitions[name]!;
    expect(properties['open']).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
    expect(properties['empty']).toEqual({});
    expect(properties['either']).toEqual({ 'x-kubernetes-int-or-string': true });
    expect(required).toEqual(['either']);
    custom = shirts(open);
    expect((await read(openApi)).definitions[name]).not.toHaveProperty('properties');
    custom = [];
  });

  it('is the same in protocol buffers', async () => {
    const proto = readFileSync(new URL('../../proto/openapi-v2.proto', import.meta.url), 'utf8');
    const type = protobufjs.parse(proto, { keepCase: true }).root.lookupType('openapi.v2.Document');
    const document = type.toObject(type.decode(await openApi.protobuf()), { longs: Number }) as {
      paths: { path: { name: string }[] };
      definitions: { additional_properties: { name: string; value: { vendor_extension: { name: string; value: { yaml: string } }[] } }[] };
    };
    expect(document.paths.path.map((one) => one.name)).toEqual(Object.keys(builtIn.paths));
    expect(document.definitions.additional_properties.map((one) => one.name)).toEqual(Object.keys(builtIn.definitions));
    const pod = document.definitions.additional_properties.find((one) => one.name === 'io.k8s.api.core.v1.Pod');
    const [kinds] = pod!.value.vendor_extension;
    expect(JSON.parse(kinds!.value.yaml)).toEqual([{ group: '', kind: 'Pod', version: 'v1' }]);
  });

  it('is the same text every time', async () => {
    const again = await new OpenApiV2({ custom: () => [] }).document();
    expect(again).toEqual(await openApi.document());
  });
});
