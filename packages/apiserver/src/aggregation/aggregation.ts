// Aggregation, put together: which APIs there are, whether their servers answer, and the way to them.
// Mirrors https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import type { Clock, Logger, Random } from '@steersman/api';
import type { Client } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';
import type { Authorizer } from '../authz/authorizer.js';
import type { RemoteVersion } from '../discovery/discovery.js';
import type { Registry } from '../registry/registry.js';
import { ApiProxy } from './api-proxy.js';
import { ApiAvailability } from './availability.js';
import { LocalApis } from './local-apis.js';
import { RemoteApis } from './remote-apis.js';
import { publishAuthentication, type RequestHeaderConfig } from './request-header-config.js';

export interface AggregationOptions {
  readonly registry: Registry;
  /** The API as the server itself. */
  readonly client: Client;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly clientCa: string;
  /** What this server shows the others to be believed when it says who a request is from. */
  readonly proxyClient?: { readonly cert: string; readonly key: string } | undefined;
  readonly requestHeader?: RequestHeaderConfig | undefined;
}

export class Aggregation {
  readonly proxy: ApiProxy;
  readonly runnables: readonly Runnable[];
  private readonly apis: RemoteApis;
  private readonly local: LocalApis;

  constructor(private readonly options: AggregationOptions) {
    this.apis = new RemoteApis(options);
    this.local = new LocalApis(options);
    this.proxy = new ApiProxy(this.apis, options.authorizer);
    this.runnables = [this.local, new ApiAvailability({ ...options, apis: this.apis })];
  }

  /** Registers what the server has itself, and tells others whom to believe. */
  async start(): Promise<void> {
    await Promise.all([this.local.registerOwn(), publishAuthentication(this.options.client, this.options)]);
  }

  /** The OpenAPI v3 documents of other servers, as far as they are known, by their names: apis/GROUP/VERSION. */
  remoteDocuments(): Map<string, string> {
    return new Map(
      this.apis.remote().flatMap((api) => {
        const text = this.apis.contents(api)?.openApi;
        return text === undefined ? [] : [[`apis/${api.spec?.group}/${api.spec?.version}`, text] as const];
      }),
    );
  }

  /** The versions that other servers have. */
  remoteVersions(): RemoteVersion[] {
    return this.apis.remote().map((api) => {
      const { group = '', version = '', groupPriorityMinimum, versionPriority } = api.spec ?? {};
      const priority = { group: groupPriorityMinimum ?? 0, version: versionPriority ?? 0 };
      return { group, version, priority, resources: this.apis.contents(api)?.resources };
    });
  }
}
