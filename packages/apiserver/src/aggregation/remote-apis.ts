// The APIs that other servers serve behind this one: which there are, where they are reached, and what they have.
// Mirrors https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import { Agent, type RequestOptions } from 'node:https';
import { type APIResource, type APIService, conditionOf, type Random } from '@steersman/api';
import type { Registry } from '../registry/registry.js';
import { serviceEndpoint } from '../streaming/service-endpoint.js';

export interface RemoteApisTools {
  readonly registry: Registry;
  readonly random: Random;
  /** What this server shows the others to be believed when it says who a request is from. */
  readonly proxyClient?: { readonly cert: string; readonly key: string } | undefined;
}

/** What a version has, as its server tells. */
export interface ApiContents {
  readonly resources: readonly APIResource[];
  /** Its OpenAPI v3 document, where it has one. */
  readonly openApi?: string | undefined;
}

export class RemoteApis {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly known = new Map<string, ApiContents>();

  constructor(private readonly tools: RemoteApisTools) {}

  /** The registrations of all APIs, local ones too. */
  all(): APIService[] {
    return this.tools.registry
      .stored('apiregistration.k8s.io', 'apiservices')
      .cache.list()
      .map(({ object }) => object as unknown as APIService);
  }

  remote(): APIService[] {
    return this.all().filter(isRemote);
  }

  /** Who serves the version, if it is not this server. */
  serving(group: string, version: string): APIService | undefined {
    const cached = this.tools.registry.stored('apiregistration.k8s.io', 'apiservices').peek(undefined, `${version}.${group}`);
    const service = cached?.object as unknown as APIService | undefined;
    return service && isRemote(service) ? service : undefined;
  }

  /** How a request to the other server is made. Throws 404 or 503 where nothing can be reached. */
  connection({ spec }: APIService): RequestOptions {
    const { namespace = '', name = '', port = 443 } = spec?.service ?? {};
    return {
      ...serviceEndpoint(this.tools, { namespace, name, port: String(port) }),
      agent: this.agent,
      servername: `${name}.${namespace}.svc`,
      ...(spec?.caBundle && { ca: Buffer.from(spec.caBundle, 'base64') }),
      ...(spec?.insecureSkipTLSVerify && { rejectUnauthorized: false }),
      ...this.tools.proxyClient,
    };
  }

  /** What the version has, as far as that was found out. */
  contents({ metadata }: APIService): ApiContents | undefined {
    return this.known.get(metadata.name ?? '');
  }

  learn({ metadata }: APIService, contents: ApiContents): void {
    this.known.set(metadata.name ?? '', contents);
  }

  forget(name: string): void {
    this.known.delete(name);
  }
}

export const isRemote = ({ spec }: APIService): boolean => spec?.service !== undefined && spec.service !== null;

export const isAvailable = ({ status }: APIService): boolean => conditionOf(status?.conditions, 'Available')?.status === 'True';
