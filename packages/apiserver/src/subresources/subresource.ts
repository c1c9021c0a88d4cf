// Subresources beyond status: each answers the verbs it knows; one file each.
import type { PatchType, ResourcePath, WriteOptions } from '@steersman/client';
import type { TrackedWrite } from '../handler/field-tracking.js';
import type { Answer, HandlerTools, RequestBody, Target } from '../handler/handler-tools.js';
import type { RequestContext } from '../request/request-context.js';

export interface SubresourceRequest {
  readonly tools: HandlerTools;
  readonly context: RequestContext;
  readonly path: ResourcePath;
  readonly target: Target;
  readonly options: WriteOptions;
}

/** The request as a write of the object whose subresource it is. */
export const trackedWrite = ({ tools, context, path, target, options }: SubresourceRequest): TrackedWrite => ({
  tools,
  served: target.served,
  context,
  options,
  subresource: path.subresource,
});

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
