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

type Step = (request: AdmissionRequest) => void | Promise<void>;

export class AdmissionChain {
  private readonly mutators: readonly Step[];
  private readonly validators: readonly Step[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.mutators = plugins.flatMap((plugin) => (plugin.mutate ? [plugin.mutate.bind(plugin)] : []));
    this.validators = plugins.flatMap((plugin) => (plugin.validate ? [plugin.validate.bind(plugin)] : []));
  }

  mutate(request: AdmissionRequest): Promise<void> {
    return inTurn(this.mutators, request);
  }

  validate(request: AdmissionRequest): Promise<void> {
    return inTurn(this.validators, request);
  }
}

/** One plugin after the other. Most have nothing to do with most requests, and say so at once: only promises are waited for. */
async function inTurn(steps: readonly Step[], request: AdmissionRequest): Promise<void> {
  for (const step of steps) {
    const pending = step(request);
    if (pending) await pending;
  }
}

/** Whether a request is about the objects of this resource themselves, not a subresource. */
export const concerns = ({ resource, subresource }: AdmissionRequest, group: string, name: string): boolean =>
  subresource === undefined && resource.definition.info.group === group && resource.definition.info.resource === name;
