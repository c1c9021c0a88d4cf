// Admission: plugins that change or refuse a request once it is authorized; one file each, run in upstream's order.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { UserInfo } from '../authn/user.js';
import type { ApiObject } from '../cache/cached-object.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionRequest {
  readonly operation: Operation;
  readonly resource: Resource;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user: UserInfo;
  readonly context: RequestContext;
  readonly dryRun: boolean;
  /** May be changed by mutating plugins; absent when deleting. For a subresource with a body of its own: that body. */
  readonly object?: ApiObject;
  readonly old?: ApiObject;
}

/** Refuses by throwing a StatusError. */
export interface AdmissionPlugin {
  readonly name: string;
  mutate?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

export class AdmissionChain {
  constructor(private readonly plugins: readonly AdmissionPlugin[]) {}

  async mutate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.plugins) await plugin.mutate?.(request);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.plugins) await plugin.validate?.(request);
  }
}

/** Whether a request is about the objects of this resource themselves, not a subresource. */
export const concerns = ({ resource, subresource }: AdmissionRequest, group: string, name: string): boolean =>
  subresource === undefined && resource.definition.info.group === group && resource.definition.info.resource === name;
