// Decides whether a user may do something. Authorizers are asked in turn; the first that allows, or denies outright, wins.
import { type GroupResource, qualifiedResource, StatusError } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';

/** What somebody wants to do: with a resource, or with a path that is none. */
export type Attributes =
  | {
      readonly user: UserInfo;
      readonly verb: string;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
      /** By which fields the request chooses among objects. */
      readonly fieldSelector?: string;
    }
  | { readonly user: UserInfo; readonly verb: string; readonly path: string };

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
  /** Nobody else is asked. */
  readonly denied?: boolean;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: Attributes): Decision;
  /** Finds out what takes time to find out, so that `authorize` knows it then. */
  readonly prepare?: ((attributes: Attributes) => Promise<void>) | undefined;
  /** Why it cannot tell in advance what the user may do; undefined where it has nothing to add. */
  cannotList?(user: UserInfo): string | undefined;
}

/** Asks each authorizer until one allows. */
export class UnionAuthorizer implements Authorizer {
  readonly name = 'union';

  /** Who is asked may change while the server runs. */
  constructor(private readonly authorizers: () => readonly Authorizer[]) {}

  /** Absent where all decide at once. */
  get prepare(): ((attributes: Attributes) => Promise<void>) | undefined {
    return this.authorizers().some((one) => one.prepare) ? (attributes) => this.prepareEach(attributes) : undefined;
  }

  authorize(attributes: Attributes): Decision {
    const reasons: string[] = [];
    for (const authorizer of this.authorizers()) {
      const decision = authorizer.authorize(attributes);
      if (decision.allowed || decision.denied) return decision;
      if (decision.reason) reasons.push(decision.reason);
    }
    return { allowed: false, reason: reasons.join('\n') };
  }

  cannotList(user: UserInfo): string | undefined {
    const reasons = this.authorizers().flatMap((one) => one.cannotList?.(user) ?? []);
    return reasons.length > 1 ? `[${reasons.join(', ')}]` : reasons[0];
  }

  /** Nobody is asked after whom has decided. */
  private async prepareEach(attributes: Attributes): Promise<void> {
    for (const authorizer of this.authorizers()) {
      await authorizer.prepare?.(attributes);
      const { allowed, denied } = authorizer.authorize(attributes);
      if (allowed || denied) return;
    }
  }
}

/** The 403 answer to what the user may not do. */
export function forbiddenTo(attributes: Attributes, reason = ''): StatusError {
  const suffix = reason ? `: ${reason}` : '';
  if ('path' in attributes)
    return new StatusError({
      code: 403,
      reason: 'Forbidden',
      message: `forbidden: User "${attributes.user.name}" cannot ${attributes.verb} path "${attributes.path}"${suffix}`,
      details: {},
    });
  const { user, verb, group, resource, subresource, namespace, name } = attributes;
  const target: GroupResource = { group, resource };
  const where = namespace ? ` in the namespace "${namespace}"` : ' at the cluster scope';
  const what = `User "${user.name}" cannot ${verb} resource "${resource}${subresource ? `/${subresource}` : ''}" in API group "${group}"${where}${suffix}`;
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualifiedResource(target)}${name ? ` "${name}"` : ''} is forbidden: ${what}`,
    details: { ...(name && { name }), ...(group && { group }), kind: resource },
  });
}
