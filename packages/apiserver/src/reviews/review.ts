// Reviews: resources that are answered and forgotten. They know one verb, create, and are never stored.
import { groupVersion, type ResourceInfo, resourceByPath, schemaOf } from '@steersman/api';
import type { ResourcePath, WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { type Answer, authorize, type HandlerTools, methodNotAllowed, type RequestBody } from '../handler/handler-tools.js';
import { builtinCodec } from '../registry/builtin-codec.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import type { RequestContext } from '../request/request-context.js';

export interface ReviewRequest {
  readonly tools: HandlerTools;
  readonly context: RequestContext;
  readonly path: ResourcePath;
  readonly object: ApiObject;
}

/** Answers with the reviewed object; throws where the question is malformed. */
export type Review = (request: ReviewRequest) => object | Promise<object>;

/** By `group/resource`. */
export type Reviews = ReadonlyMap<string, Review>;

export const reviewId = ({ group, resource }: Pick<ResourcePath, 'group' | 'resource'>): string => `${group}/${resource}`;

export interface AskedReview {
  readonly path: ResourcePath;
  readonly body: RequestBody;
  readonly options: WriteOptions;
}

export async function createReview(
  tools: HandlerTools,
  context: RequestContext,
  review: Review,
  { path, body, options }: AskedReview,
): Promise<Answer> {
  const definition = definitionOf(path);
  if (path.name !== undefined || (definition.info.namespaced && !path.namespace)) throw methodNotAllowed();
  authorize(tools, context, 'create', path);
  const object = decodeBody(body, definition, { context, options });
  const { info } = definition;
  const answer = await review({ tools, context, path, object });
  return { code: 201, object: { kind: info.kind, apiVersion: groupVersion(info), ...answer } as unknown as ApiObject };
}

type ReviewDefinition = Pick<ResourceDefinition, 'info' | 'codec' | 'custom'> & { readonly info: ResourceInfo };

function definitionOf({ group, version, resource }: ResourcePath): ResourceDefinition {
  const info = resourceByPath(group, version, resource);
  const schema = info && schemaOf(groupVersion(info), info.kind);
  if (!info || !schema) throw methodNotAllowed();
  const definition: ReviewDefinition = { info, codec: builtinCodec(groupVersion(info), info.kind, schema) };
  return definition as ResourceDefinition;
}
