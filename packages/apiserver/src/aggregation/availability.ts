// Whether the servers behind aggregated APIs answer: looked at when something about them changes, and twice a minute.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/
import { type RequestOptions, request } from 'node:https';
import { type APIResource, type APIService, type Clock, isNotFound, type Logger, type Service, setCondition, toStatusError } from '@steersman/api';
import { type Client, WorkQueue } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';
import { mastersGroup } from '../authn/user.js';
import type { Registry } from '../registry/registry.js';
import { endpointsOf } from '../streaming/service-endpoint.js';
import { readAnswer } from '../webhooks/https-exchange.js';
import { identityHeaders } from './proxied-identity.js';
import { isRemote, type RemoteApis } from './remote-apis.js';

const periodMs = 30_000;
const timeoutMs = 5000;

export interface AvailabilityTools {
  readonly apis: RemoteApis;
  readonly registry: Registry;
  /** The API as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

const local: Verdict = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };

const unavailable = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });

export class ApiAvailability implements Runnable {
  readonly name = 'availability of aggregated APIs';
  private readonly queue: WorkQueue;

  constructor(private readonly tools: AvailabilityTools) {
    this.queue = new WorkQueue(tools.clock, { baseMs: 5, maxMs: periodMs });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { registry, apis } = this.tools;
    const follow = (group: string, resource: string, namesOf: (object: { metadata: { name?: string; namespace?: string } }) => string[]) => {
      const { cache, feed } = registry.stored(group, resource);
      return cache.subscribe(feed.revision, ({ object }) => {
        for (const name of namesOf(object.object)) this.queue.add(name);
      });
    };
    const behind = ({ metadata }: { metadata: { namespace?: string } }): string[] =>
      apis.remote().flatMap((api) => (api.spec?.service?.namespace === metadata.namespace ? (api.metadata.name ?? []) : []));
    const subscriptions = [
      follow('apiregistration.k8s.io', 'apiservices', ({ metadata }) => [metadata.name ?? '']),
      follow('', 'services', behind),
      follow('discovery.k8s.io', 'endpointslices', behind),
    ];
    for (const { metadata } of apis.remote()) this.queue.add(metadata.name ?? '');
    try {
      await this.queue.drain(signal, { workers: 2, work: (name) => this.work(name, signal) });
    } finally {
      for (const { unsubscribe } of subscriptions) unsubscribe();
    }
  }

  private async work(name: string, signal: AbortSignal): Promise<void> {
    const { apis, logger } = this.tools;
    const api = apis.all().find(({ metadata }) => metadata.name === name);
    if (!api || !isRemote(api)) apis.forget(name);
    if (!api) return;
    try {
      const verdict = isRemote(api) ? await this.judge(api) : local;
      await this.report(api, verdict);
      if (verdict.reason === 'FailedDiscoveryCheck') this.queue.retry(name);
      else this.queue.forget(name);
      if (verdict !== local) this.queue.addAfter(name, periodMs);
    } catch (error) {
      if (signal.aborted || isNotFound(error)) return;
      logger.debug('looking at an aggregated API failed, retrying', { name, err: error });
      this.queue.retry(name);
    }
  }

  private async judge(api: APIService): Promise<Verdict> {
    const { namespace = '', name = '', port = 443 } = api.spec?.service ?? {};
    const service = this.tools.registry.stored('', 'services').peek(namespace, name)?.object as unknown as Service | undefined;
    const where = `service/${name} in ${JSON.stringify(namespace)}`;
    if (!service) return unavailable('ServiceNotFound', `${where} is not present`);
    if (service.spec?.type === 'ClusterIP') {
      const chosen = service.spec.ports?.find((one) => one.port === port);
      if (!chosen) return unavailable('ServicePortError', `${where} is not listening on port ${port}`);
      const { slices, targets } = endpointsOf(this.tools.registry, { namespace, name, portName: chosen.name ?? '' });
      if (slices === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${where}`);
      if (targets.length === 0)
        return unavailable('MissingEndpoints', `endpointslices for ${where} have no addresses with port name ${JSON.stringify(chosen.name ?? '')}`);
    }
    return this.ask(api);
  }

  /** Asks for what the version has: its server must know. */
  private async ask(api: APIService): Promise<Verdict> {
    const path = `/apis/${api.spec?.group}/${api.spec?.version}`;
    let url = path;
    try {
      const connection = this.tools.apis.connection(api);
      url = `https://${connection.host}:${connection.port}${path}`;
      const { code } = await get({ ...connection, rejectUnauthorized: false, path }, this.tools.clock);
      if (code < 200 || code >= 300) throw new Error(`bad status from ${url}: ${code}`);
    } catch (error) {
      return unavailable('FailedDiscoveryCheck', `failing or missing response from ${url}: ${toStatusError(error).status.message}`);
    }
    await this.learn(api, path);
    return { status: 'True', reason: 'Passed', message: 'all checks passed' };
  }

  /** What discovery is to show is believed only from a server that proves to be the right one. */
  private async learn(api: APIService, path: string): Promise<void> {
    try {
      const { apis, clock } = this.tools;
      const { text } = await get({ ...apis.connection(api), path }, clock);
      const { resources = [] } = JSON.parse(text) as { resources?: APIResource[] };
      const document = await get({ ...apis.connection(api), path: `/openapi/v3${path}` }, clock);
      apis.learn(api, { resources, openApi: document.code === 200 ? document.text : undefined });
    } catch (err) {
      this.tools.logger.debug('discovery of an aggregated API failed', { name: api.metadata.name, err });
    }
  }

  private async report(api: APIService, verdict: Verdict): Promise<void> {
    const known = api.status?.conditions ?? [];
    const conditions = setCondition(known, { type: 'Available', ...verdict } as (typeof known)[number], this.tools.clock.now());
    if (conditions === known) return;
    await this.tools.client.updateStatus<APIService>(api, { ...api.status, conditions: [...conditions] });
  }
}

const aggregator = { name: 'system:kube-aggregator', groups: [mastersGroup] };

function get(options: RequestOptions, clock: Clock): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const onward = request({ ...options, method: 'GET', headers: { ...identityHeaders(aggregator), Accept: 'application/json' } });
    const timer = clock.after(timeoutMs, () => onward.destroy(new Error('context deadline exceeded')));
    onward.on('error', reject);
    onward.on('close', () => timer.cancel());
    onward.on('response', (answer) => void readAnswer(answer).then((text) => resolve({ code: answer.statusCode ?? 0, text }), reject));
    onward.end();
  });
}
