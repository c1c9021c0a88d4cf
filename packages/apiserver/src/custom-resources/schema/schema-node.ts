// The schema of a custom resource as its definition gives it, and what is asked of its nodes.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import type { JSONSchemaProps } from '@steersman/api';

export type SchemaNode = JSONSchemaProps;

export type Json = Record<string, unknown>;

export const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const asNode = (value: unknown): SchemaNode | undefined => (isRecord(value) ? (value as SchemaNode) : undefined);

/** The schema of the elements of a list. */
export const itemsOf = (node: SchemaNode | undefined): SchemaNode | undefined => asNode(node?.items);

/** The schema of the values of a map. */
export const valuesOf = (node: SchemaNode | undefined): SchemaNode | undefined => asNode(node?.additionalProperties);

/** Whether fields beyond the properties are known in some form. */
export const hasValues = ({ additionalProperties }: SchemaNode): boolean => additionalProperties !== undefined;

export const propertiesOf = (node: SchemaNode | undefined): [string, SchemaNode][] => Object.entries(node?.properties ?? {});

export const propertyOf = (node: SchemaNode | undefined, name: string): SchemaNode | undefined =>
  node?.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;

/** The schema of a field of an object: its property, else that of a map's values. */
export const fieldOf = (node: SchemaNode | undefined, name: string): SchemaNode | undefined => propertyOf(node, name) ?? valuesOf(node);

export const preservesUnknown = (node: SchemaNode): boolean => node['x-kubernetes-preserve-unknown-fields'] === true;
export const isEmbedded = (node: SchemaNode): boolean => node['x-kubernetes-embedded-resource'] === true;
export const isIntOrString = (node: SchemaNode): boolean => node['x-kubernetes-int-or-string'] === true;
export const listTypeOf = (node: SchemaNode): string | undefined => node['x-kubernetes-list-type'];
export const mapTypeOf = (node: SchemaNode): string | undefined => node['x-kubernetes-map-type'];
export const listKeysOf = (node: SchemaNode): readonly string[] => node['x-kubernetes-list-map-keys'] ?? [];
export const rulesOf = (node: SchemaNode): NonNullable<SchemaNode['x-kubernetes-validations']> => node['x-kubernetes-validations'] ?? [];

/** The fields that every object has, whether its schema names them or not. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The node as the root of an object of its own. */
export const asResource = (node: SchemaNode | undefined): SchemaNode =>
  node && isEmbedded(node) ? node : { ...node, 'x-kubernetes-embedded-resource': true };

/** The schemas directly below a node, in value validations as well. */
export function childrenOf(node: SchemaNode): SchemaNode[] {
  const several = [node.items, node.additionalProperties, node.additionalItems, node.not].flatMap((one) => (Array.isArray(one) ? one : [one]));
  return [
    ...several.map(asNode),
    ...(node.allOf ?? []),
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
    ...Object.values(node.properties ?? {}),
    ...Object.values(node.patternProperties ?? {}),
    ...Object.values(node.definitions ?? {}),
    ...Object.values(node.dependencies ?? {}).map(asNode),
  ].filter((one) => one !== undefined);
}

/** Calls for a node and everything below it. */
export function visitSchema(node: SchemaNode, visit: (node: SchemaNode) => void): void {
  visit(node);
  for (const child of childrenOf(node)) visitSchema(child, visit);
}
