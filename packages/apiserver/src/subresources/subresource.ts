// Subresources beyond status: each answers the verbs it knows; one file each.
import type { PatchType, ResourcePath, WriteOptions } from '@steersman/client';
import type { Answer, HandlerTools, RequestBody, Target } from '../handler/handler-tools.js';
import type { RequestContext } from '../request/request-context.js';

export interface SubresourceRequest {
  readonly tools: HandlerTools;
  readonly context: RequestContext;
  readonly path: ResourcePath;
  readonly target: Target;
  readonly options: WriteOptions;
}

/** A subresource; the handler has authorized the request already. */
export interface Subresource {
  get?(request: SubresourceRequest): Promise<Answer>;
  create?(request: SubresourceRequest & { body: RequestBody }): Promise<Answer>;
  update?(request: SubresourceRequest & { body: RequestBody }): Promise<Answer>;
  patch?(request: SubresourceRequest & { type: PatchType; patch: unknown }): Promise<Answer>;
}

/** By `group/resource/subresource`. */
export type Subresources = ReadonlyMap<string, Subresource>;

export const subresourceId = ({ group, resource, subresource }: ResourcePath): string => `${group}/${resource}/${subresource ?? ''}`;
