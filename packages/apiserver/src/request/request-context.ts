// What is known of a request besides its object: who, through what, with which options; collects its warnings.
import type { ResourcePath } from '@steersman/client';
import type { AuditRecord } from '../audit/audit-record.js';
import type { UserInfo } from '../authn/user.js';

export interface RequestContext {
  readonly user: UserInfo;
  /** For the default field manager. */
  readonly userAgent: string;
  /** Told to the client in Warning headers, in this order. */
  readonly warnings: string[];
  readonly signal?: AbortSignal;
  /** What the user was found to be allowed first: what the request is about. */
  granted?: { readonly verb: string; readonly path: ResourcePath };
  /** What the audit log gets of the request, where it wants any. */
  readonly audit?: AuditRecord;
}

export const createContext = (
  user: UserInfo,
  options: { userAgent?: string; signal?: AbortSignal; audit?: AuditRecord | undefined } = {},
): RequestContext => ({
  user,
  userAgent: options.userAgent ?? 'steersman',
  warnings: [],
  ...(options.signal && { signal: options.signal }),
  ...(options.audit && { audit: options.audit }),
});
