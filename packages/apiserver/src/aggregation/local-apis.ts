// An APIService for every group and version that the server serves itself: those of its own from the start, those of custom
// resources as long as there are any.
// Mirrors https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import {
  type APIService,
  builtinResources,
  type Clock,
  deepEqual,
  ignoreNotFound,
  isAlreadyExists,
  isConflict,
  type Logger,
  type ResourceInfo,
} from '@steersman/api';
import { type Client, WorkQueue } from '@steersman/client';
import { aborted, type Runnable } from '@steersman/component-base';
import type { Registry } from '../registry/registry.js';
import { customPriority, priorityOf } from './api-priorities.js';

const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

export interface LocalApisTools {
  readonly registry: Registry;
  /** The API as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Api = Pick<ResourceInfo, 'group' | 'version'>;

const nameOf = ({ group, version }: Api): string => `${version}.${group}`;

const apisOf = (resources: Iterable<Api>): Map<string, Api> =>
  new Map([...resources].map(({ group, version }) => [nameOf({ group, version }), { group, version }]));

export class LocalApis implements Runnable {
  readonly name = 'local APIs';
  private readonly queue: WorkQueue;

  constructor(private readonly tools: LocalApisTools) {
    this.queue = new WorkQueue(tools.clock, { baseMs: 20, maxMs: 10_000 });
  }

  /** Registers the server's own groups; what an administrator has made of them since stays. */
  async registerOwn(): Promise<void> {
    const own = builtinResources.filter(({ group }) => group !== 'apiregistration.k8s.io');
    await Promise.all([...apisOf(own).values()].map((api) => (this.known(nameOf(api)) ? undefined : this.create(api, 'onstart'))));
  }

  /** Follows the custom resources. */
  async run(signal: AbortSignal): Promise<void> {
    const { registry } = this.tools;
    const definitions = registry.stored('apiextensions.k8s.io', 'customresourcedefinitions');
    const services = registry.stored('apiregistration.k8s.io', 'apiservices');
    const everything = (): void => {
      for (const name of this.customNames()) this.queue.add(name);
    };
    const subscriptions = [
      definitions.cache.subscribe(definitions.feed.revision, everything),
      services.cache.subscribe(services.feed.revision, ({ object }) => this.queue.add(object.object.metadata.name ?? '')),
    ];
    everything();
    try {
      await this.queue.drainRetrying(signal, { workers: 1, work: (name) => this.sync(name), failed: (name, error) => this.failed(name, error) });
      await aborted(signal);
    } finally {
      for (const { unsubscribe } of subscriptions) unsubscribe();
    }
  }

  private failed(name: string, error: unknown): void {
    if (!isConflict(error) && !isAlreadyExists(error)) this.tools.logger.warn('registering an API failed, retrying', { name, err: error });
  }

  /** The versions that definitions have served, and those that are registered as theirs. */
  private customNames(): Set<string> {
    const managed = this.tools.registry
      .stored('apiregistration.k8s.io', 'apiservices')
      .cache.list()
      .filter(({ object }) => object.metadata.labels?.[managedLabel] === 'true')
      .map(({ object }) => object.metadata.name ?? '');
    return new Set([...managed, ...this.custom().keys()]);
  }

  private custom(): Map<string, Api> {
    const definitions = this.tools.registry.stored('apiextensions.k8s.io', 'customresourcedefinitions').cache.list();
    return apisOf(
      definitions.flatMap(({ object }) => {
        const { group, versions } = object['spec'] as { group: string; versions: { name: string; served: boolean }[] };
        return versions.filter(({ served }) => served).map(({ name }) => ({ group, version: name }));
      }),
    );
  }

  private known(name: string): APIService | undefined {
    return this.tools.registry.stored('apiregistration.k8s.io', 'apiservices').peek(undefined, name)?.object as unknown as APIService | undefined;
  }

  private async sync(name: string): Promise<void> {
    const { client } = this.tools;
    const wanted = this.custom().get(name);
    const current = this.known(name);
    const managed = current?.metadata.labels?.[managedLabel] === 'true';
    if (wanted && !current) await this.create(wanted, 'true');
    else if (!wanted && current && managed)
      await client.delete('APIService', { name }, { preconditions: { uid: current.metadata.uid ?? '' } }).catch(ignoreNotFound);
    else if (wanted && current && managed && !deepEqual(current.spec, specOf(wanted, 'true')))
      await client.update<APIService>({ ...current, spec: specOf(wanted, 'true') });
  }

  private async create(api: Api, managed: 'onstart' | 'true'): Promise<void> {
    const object: APIService = {
      kind: 'APIService',
      apiVersion: 'apiregistration.k8s.io/v1',
      metadata: { name: nameOf(api), labels: { [managedLabel]: managed } },
      spec: specOf(api, managed),
    };
    await this.tools.client.create(object);
  }
}

function specOf(api: Api, managed: 'onstart' | 'true'): NonNullable<APIService['spec']> {
  const { group, version } = managed === 'true' ? customPriority : priorityOf(api);
  return { ...(api.group && { group: api.group }), version: api.version, groupPriorityMinimum: group, versionPriority: version };
}
