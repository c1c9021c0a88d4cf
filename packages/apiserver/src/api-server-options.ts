// What an API server is made with.
import type { Clock, Logger, Random } from '@steersman/api';
import type { Runnable } from '@steersman/component-base';
import type { TlsIdentity } from '@steersman/rpc';
import type { Store } from '@steersman/storage';
import type { RequestHeaderConfig } from './aggregation/request-header-config.js';
import type { AuditBackend } from './audit/audit-event.js';
import type { AuditorOptions } from './audit/auditor.js';
import type { Authenticator } from './authn/authenticator.js';
import type { AuthenticationSettings } from './authn/create-authentication.js';
import type { ServiceAccountSettings } from './authn/service-account-tokens.js';
import type { AuthorizerChoice } from './authz/create-authorizer.js';
import type { EncryptionRules } from './encryption/encryption-rules.js';
import type { NodeConnector } from './streaming/pod-target.js';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly https: {
    readonly host: string;
    readonly port: number;
    readonly cert: string;
    readonly key: string;
    readonly clientCa: string;
    /** The address that pods and nodes reach the server under. */
    readonly advertiseAddress: string;
  };
  /** Where components deployed apart connect, if anywhere. */
  readonly grpc?: { readonly address: string; readonly tls: TlsIdentity };
  /** What servers of aggregated APIs are shown to be believed when this one says who a request is from. */
  readonly proxyClient?: { readonly cert: string; readonly key: string };
  /** Which proxies are believed when they say who a request is from. */
  readonly requestHeader?: RequestHeaderConfig;
  /** How many requests run at a time, all priority levels together. */
  readonly requestsAtATime?: number;
  /** How long a request may take that does not go on for long; a minute, unless told otherwise. */
  readonly requestMs?: number;
  /** How long the server goes on once it is to stop, so that those who send it requests see that it is not ready; not at all by default. */
  readonly shutdownDelayMs?: number;
  /** PEM of the private key, RSA or EC, that signs service account tokens. */
  readonly serviceAccountKey: string;
  readonly serviceAccounts?: ServiceAccountSettings;
  /** Reaches the kubelet of a node. */
  readonly connectNode: NodeConnector;
  readonly serviceCidr?: string;
  readonly nodePorts?: { readonly first: number; readonly last: number };
  /** Bearer tokens of fixed users, for tests and tools. */
  readonly authenticators?: readonly Authenticator[];
  readonly authentication?: AuthenticationSettings;
  /** Who is asked whether somebody may, in this order; another list takes its place when it gives another. */
  authorization?(): readonly AuthorizerChoice[];
  /** How values are sealed in the store; they lie there as they are without it. */
  readonly encryption?: EncryptionRules;
  /** What goes on as long as the server does, such as following files of options. */
  readonly alongside?: readonly Runnable[];
  /** Where requests are recorded, and which; nowhere without it. */
  readonly audit?: AuditOptions;
}

/** The audit policy, and where the events go; a backend that has something to do until the server stops is run. */
export interface AuditOptions {
  readonly policy: AuditorOptions['policy'];
  readonly backends: readonly (AuditBackend & Partial<Runnable>)[];
}
