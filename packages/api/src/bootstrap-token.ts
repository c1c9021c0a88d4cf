// Bootstrap tokens: Secrets in kube-system by which new nodes prove that they may join.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
import { fromTime } from './clock.js';
import type { Secret } from './gen/types.js';

export const bootstrapTokenNamespace = 'kube-system';
const type = 'bootstrap.kubernetes.io/token';
const namePrefix = 'bootstrap-token-';
const defaultGroup = 'system:bootstrappers';
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** Milliseconds since the epoch; undefined: never; NaN: it says something that is no time. */
  readonly expiresMs?: number;
  /** What it is good for: `authentication`, `signing`. */
  isFor(usage: string): boolean;
  /** Undefined where it names a group that it may not. */
  readonly groups?: readonly string[];
}

export const bootstrapSecretName = (id: string): string => namePrefix + id;

/** The token of a secret; undefined where that is none. */
export function bootstrapTokenOf({ metadata, type: given, data = {} }: Secret): BootstrapToken | undefined {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const id = text('token-id');
  const secret = text('token-secret');
  if (metadata.namespace !== bootstrapTokenNamespace || given !== type || !id || !secret || metadata.name !== bootstrapSecretName(id))
    return undefined;
  const extra = text('auth-extra-groups').split(',').filter(Boolean);
  return {
    id,
    secret,
    ...(data['expiration'] && { expiresMs: fromTime(text('expiration')) }),
    isFor: (usage) => text(`usage-bootstrap-${usage}`) === 'true',
    ...(extra.every((group) => extraGroup.test(group)) && { groups: [...new Set([defaultGroup, ...extra])].sort() }),
  };
}

/** Whether the token is no longer good: one whose end cannot be read is not. */
export const isExpired = ({ expiresMs }: BootstrapToken, nowMs: number): boolean => expiresMs !== undefined && !(expiresMs > nowMs);
