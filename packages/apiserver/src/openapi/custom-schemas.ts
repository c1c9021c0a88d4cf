// Schemas of custom resources as OpenAPI publishes them: with the fields that every object has.
import type { ResourceInfo } from '@steersman/api';
import { childrenOf, isEmbedded, type SchemaNode } from '../custom-resources/schema/schema-node.js';
import type { JsonSchema } from './schemas.js';

const typeFields: JsonSchema = {
  apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
  kind: { type: 'string', description: 'The kind of this object.' },
};

/** `com.example.stable.v1.Shirt` of stable.example.com/v1 Shirt. */
export const customName = ({ group, version, kind }: Pick<ResourceInfo, 'group' | 'version' | 'kind'>): string =>
  [...group.split('.').reverse(), version, kind].join('.');

/** The schema of a custom resource; `metadata` refers to that of the metadata of all objects. */
export function customSchema({ group, version, kind }: ResourceInfo, schema: SchemaNode, metadata: JsonSchema): JsonSchema {
  const published = withMetadata(schema, metadata);
  return {
    ...published,
    type: 'object',
    properties: { ...(published['properties'] as JsonSchema), ...objectFields(metadata, 'The metadata of the object.') },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

const objectFields = (metadata: JsonSchema, description: string): JsonSchema => ({
  ...typeFields,
  metadata: { allOf: [metadata], description },
});

/** A copy in which objects embedded in others have their metadata. */
function withMetadata(schema: SchemaNode, metadata: JsonSchema): JsonSchema {
  const copy = structuredClone(schema);
  const visit = (node: SchemaNode): void => {
    for (const child of childrenOf(node)) visit(child);
    if (!isEmbedded(node)) return;
    node.required = [...new Set([...(node.required ?? []), 'kind', 'apiVersion'])];
    node.properties = { ...node.properties, ...objectFields(metadata, 'The metadata of the embedded object.') } as NonNullable<
      SchemaNode['properties']
    >;
  };
  for (const child of childrenOf(copy)) visit(child);
  return copy as JsonSchema;
}
