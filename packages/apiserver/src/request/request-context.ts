// What is known of a request besides its object: who, through what, with which options; collects its warnings.
import type { UserInfo } from '../authn/user.js';

export interface RequestContext {
  readonly user: UserInfo;
  /** For the default field manager. */
  readonly userAgent: string;
  /** Told to the client in Warning headers, in this order. */
  readonly warnings: string[];
  readonly signal?: AbortSignal;
}

export const createContext = (user: UserInfo, options: { userAgent?: string; signal?: AbortSignal } = {}): RequestContext => ({
  user,
  userAgent: options.userAgent ?? 'steersman',
  warnings: [],
  ...(options.signal && { signal: options.signal }),
});
