// Operations of OpenAPI documents: what an action on a resource takes and answers.
import type { ResourceInfo } from '@steersman/api';
import { protobufType } from '../request/body-parser.js';
import { actionParameters, type Parameter } from './parameters.js';
import type { JsonSchema } from './schemas.js';

const customTypes = ['application/json', 'application/yaml'];
const plainTypes = [...customTypes, protobufType];
const streamTypes = [...plainTypes, 'application/json;stream=watch', `${protobufType};stream=watch`];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const customPatchTypes = patchTypes.filter((type) => !type.includes('strategic'));

const streaming = new Set(['list', 'watch', 'watchlist']);

const codesOf: Readonly<Record<string, readonly number[]>> = { post: [200, 201, 202], put: [200, 201], patch: [200, 201], delete: [200, 202] };
const meanings: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };
const customCodes: typeof codesOf = { ...codesOf, patch: [200] };

const verbs: Readonly<Record<string, string>> = {
  get: 'read',
  post: 'create',
  put: 'replace',
  deletecollection: 'delete',
  watchlist: 'watch',
};

const contentOf = (types: readonly string[], schema: JsonSchema): JsonSchema => Object.fromEntries(types.map((type) => [type, { schema }]));

export const unauthorized = { 401: { description: 'Unauthorized' } };

/** An operation that answers with one schema in some types. */
export const answers = (types: readonly string[], schema: JsonSchema): JsonSchema => ({
  200: { description: 'OK', content: contentOf(types, schema) },
  ...unauthorized,
});

export const documentTypes = plainTypes;

/** The tag of a group version, such as `apps_v1`, `core_v1` or `rbacAuthorization_v1`. */
export function tagOf({ group, version }: { readonly group: string; readonly version?: string }): string {
  const word = group ? group.replace(/\.k8s\.io$/, '').replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase()) : 'core';
  return version ? `${word}_${version}` : word;
}

const capital = (text: string): string => text.replace(/^\w/, (letter) => letter.toUpperCase());

/** A tag as a part of an operation's name, such as `AppsV1`. */
export const wordOf = (tag: string): string => tag.split('_').map(capital).join('');

export interface OperationParts {
  readonly action: string;
  readonly answer: JsonSchema;
  /** Of the path. */
  readonly path: readonly Parameter[];
  readonly body?: JsonSchema;
  readonly description: string;
  /** Where they are not the action's. */
  readonly parameters?: readonly Parameter[];
  readonly types?: readonly string[];
  readonly verb?: string;
  /** Tells operations of the same verb apart, before the kind and after it. */
  readonly infix?: string;
  readonly suffix?: string;
  /** What the operation is about, where it is not the resource's own kind. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
}

export interface Operation extends JsonSchema {
  readonly parameters: readonly Parameter[];
}

export function operation({ group, version, kind: own, namespaced }: ResourceInfo, custom: boolean, parts: OperationParts): Operation {
  const { action, answer, path, body, description, infix = '', suffix = '', kind = { group, version, kind: own } } = parts;
  const tag = tagOf({ group, version });
  const everywhere = suffix.endsWith('ForAllNamespaces');
  const types = parts.types ?? (custom ? customTypes : streaming.has(action) ? streamTypes : plainTypes);
  const codes = (custom ? customCodes : codesOf)[action] ?? [200];
  const responses = codes.map((code) => [code, { description: meanings[code], content: contentOf(types, answer) }] as const);
  return {
    description,
    tags: [tag],
    operationId: `${parts.verb ?? verbs[action] ?? action}${wordOf(tag)}${infix}${namespaced && !everywhere ? 'Namespaced' : ''}${own}${suffix}`,
    parameters: [...path, ...(parts.parameters ?? actionParameters[action] ?? [])],
    ...(body && { requestBody: { content: contentOf(bodyTypes(action, custom), body), ...(!action.startsWith('delete') && { required: true }) } }),
    responses: { ...Object.fromEntries(responses), ...unauthorized },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
  };
}

function bodyTypes(action: string, custom: boolean): readonly string[] {
  if (action === 'patch') return custom ? customPatchTypes : patchTypes;
  return custom ? customTypes : ['*/*'];
}
