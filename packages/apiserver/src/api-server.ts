// The API server, put together: store feed, registry, admission, authorization, the handler chain and its transports.
import { type CustomResourceDefinition, type Namespace, numberToIpv4, type ResourceInfo } from '@steersman/api';
import { type ApiTransport, Client } from '@steersman/client';
import { aborted, anySignal, createMetrics, type Registry as MetricsRegistry, type Runnable, runAll } from '@steersman/component-base';
import { GrpcServer, serverCredentials } from '@steersman/rpc';
import { builtinAdmission } from './admission/builtin-plugins.js';
import { Aggregation } from './aggregation/aggregation.js';
import type { ApiServerOptions } from './api-server-options.js';
import type { AuditBackend } from './audit/audit-event.js';
import { Auditor } from './audit/auditor.js';
import type { Authentication } from './authn/authentication.js';
import { createAuthentication } from './authn/create-authentication.js';
import { ServiceAccountTokens } from './authn/service-account-tokens.js';
import { loopbackUser, type UserInfo } from './authn/user.js';
import { createAuthorizer } from './authz/create-authorizer.js';
import { bootstrap } from './bootstrap/bootstrap.js';
import { StoreFeed } from './cache/store-feed.js';
import { DefinitionController } from './custom-resources/serving/definition-controller.js';
import { type Converter, relabel } from './custom-resources/serving/stored-form.js';
import { webhookConverter } from './custom-resources/serving/webhook-conversion.js';
import { Discovery } from './discovery/discovery.js';
import { EncryptedStore } from './encryption/encrypted-store.js';
import { ClientCertificates } from './facade/client-certificates.js';
import { HttpsServer } from './facade/https-server.js';
import { Identification } from './facade/identification.js';
import { otherRoutes } from './facade/other-routes.js';
import { defaultRequestMs } from './facade/request-deadline.js';
import { ResourceRoutes } from './facade/resource-routes.js';
import { FlowConfiguration } from './flow-control/flow-configuration.js';
import { FlowControl } from './flow-control/flow-control.js';
import { registerFlowMetrics } from './flow-control/flow-metrics.js';
import { ApiGrpcService } from './grpc/api-service.js';
import { ApiHandler } from './handler/api-handler.js';
import { MemoryTransport } from './handler/memory-transport.js';
import { OpenApiV2 } from './openapi/openapi-v2.js';
import { OpenApiV3 } from './openapi/openapi-v3.js';
import { builtinDefinitions } from './registry/builtin-resources.js';
import { Components } from './registry/components.js';
import { EventExpiry } from './registry/events/expiry.js';
import { Registry } from './registry/registry.js';
import type { RegistryTools } from './registry/resource.js';
import { deviceStrategies } from './registry/resource-claims/strategy.js';
import { AddressBook } from './registry/services/address-book.js';
import { AddressKeeper } from './registry/services/address-keeper.js';
import { serviceRange } from './registry/services/service-range.js';
import { ServiceStrategy } from './registry/services/strategy.js';
import { builtinStrategies } from './registry/strategies.js';
import { builtinReviews } from './reviews/builtin-reviews.js';
import { PodStreams } from './streaming/pod-streams.js';
import { HttpProxy } from './streaming/proxy.js';
import { serviceEndpoint } from './streaming/service-endpoint.js';
import { WatchSockets } from './streaming/watch-socket.js';
import { builtinSubresources } from './subresources/builtin-subresources.js';
import { WebhookClient } from './webhooks/webhook-client.js';

const isRunnable = (backend: AuditBackend & Partial<Runnable>): backend is AuditBackend & Runnable => backend.run !== undefined;

/** The store as the server sees it. */
type StoreTools = Pick<RegistryTools, 'feed' | 'store' | 'isStale'>;

/** As upstream's two limits, of reads and of writes, together. */
const defaultRequestsAtATime = 600;

export class ApiServer implements Runnable {
  readonly name = 'API server';
  /** Resolves with the port once every request can be answered. */
  readonly ready: Promise<number>;
  readonly metrics: MetricsRegistry = createMetrics();
  private resolveReady!: (port: number) => void;
  private rejectReady!: (error: unknown) => void;
  private readonly handlerReady: Promise<ApiHandler>;
  private resolveHandler!: (handler: ApiHandler) => void;

  constructor(private readonly options: ApiServerOptions) {
    this.ready = new Promise((resolve, reject) => {
      this.resolveReady = resolve;
      this.rejectReady = reject;
    });
    this.ready.catch(() => {});
    this.handlerReady = new Promise((resolve) => {
      this.resolveHandler = resolve;
    });
  }

  /** The API for a program in this process, acting as `user`. */
  async transport(user: UserInfo, program: string): Promise<ApiTransport> {
    return new MemoryTransport(await this.handlerReady, user, program);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, encryption, alongside = [] } = this.options;
    const sealed = encryption && new EncryptedStore(this.options.store, encryption);
    const store = sealed ?? this.options.store;
    const feed = new StoreFeed(store, { clock, logger });
    // What records requests goes on until the last of them is over.
    const served = new AbortController();
    const recording = runAll(served.signal, this.options.audit?.backends.filter(isRunnable) ?? []);
    try {
      const tools = { feed, store, ...(sealed && { isStale: (key: string) => sealed.isStale(key) }) };
      await this.runBehind(signal, [store, feed, ...alongside], { name: 'API', run: (stop) => this.serve(tools, stop) });
    } catch (error) {
      this.rejectReady(error);
      throw error;
    } finally {
      served.abort();
      await recording;
    }
  }

  /** Runs what the API stands on until the API, which requests may still be under way in, has stopped. */
  private async runBehind(signal: AbortSignal, foundation: readonly Runnable[], api: Runnable): Promise<void> {
    const done = new AbortController();
    const run = (failed: AbortSignal): Promise<void> => api.run(anySignal(signal, failed)).finally(() => done.abort());
    await runAll(done.signal, [...foundation, { name: api.name, run }]);
  }

  private async serve({ feed, store, ...stored }: StoreTools, signal: AbortSignal): Promise<void> {
    const { clock, random, logger, https } = this.options;
    await Promise.race([Promise.all([store.ready, feed.ready]), aborted(signal)]);
    if (signal.aborted) return;
    const serviceCidr = this.options.serviceCidr ?? '10.96.0.0/16';
    const addresses = new AddressBook({ random, registry: () => registry, client: () => loopback });
    const services = new ServiceStrategy({ addresses, nodePorts: this.options.nodePorts ?? { first: 30000, last: 32767 }, random });
    const registry = new Registry({ feed, store, ...stored, clock, random, logger });
    const devices = deviceStrategies((name) => registry.stored('', 'namespaces').peek(undefined, name)?.object as unknown as Namespace | undefined);
    await Promise.all(builtinDefinitions({ ...builtinStrategies, ...devices, '/services': services }).map((definition) => registry.add(definition)));
    for (const { object } of registry.stored('', 'services').cache.list()) services.adopt(object);

    const { authorizer, rbac } = createAuthorizer(registry, this.options.authorization);
    const tokens = new ServiceAccountTokens({
      settings: this.options.serviceAccounts ?? {},
      signingKey: this.options.serviceAccountKey,
      registry,
      clock,
      random,
    });
    const authentication = createAuthentication({
      settings: this.options.authentication ?? {},
      authenticators: this.options.authenticators ?? [],
      tokens,
      registry,
      clock,
    });
    const { audit } = this.options;
    const auditor = audit && new Auditor({ ...audit, clock, random });
    const webhooks = new WebhookClient({ clock, endpointOf: (service) => serviceEndpoint({ registry, random }, service) });
    const handler = new ApiHandler({
      registry,
      authorizer,
      admission: builtinAdmission(registry, {
        random,
        rbac,
        authorizer,
        webhooks: { registry, authorizer, client: webhooks, random, logger },
      }),
      subresources: builtinSubresources({ tokens }),
      reviews: builtinReviews({ authentication, rbac }),
      computed: new Map([['/componentstatuses', new Components({ registry, clock, askStore: () => store.status() })]]),
      auditor,
      feed,
      clock,
      random,
      logger,
    });
    const loopback = new Client(new MemoryTransport(handler, loopbackUser, 'kube-apiserver'));
    await bootstrap({
      handler,
      client: loopback,
      serviceAddress: numberToIpv4(serviceRange(serviceCidr).first),
      serviceCidr,
      advertise: { address: https.advertiseAddress, port: https.port },
    });
    const { proxyClient, requestHeader } = this.options;
    const aggregation = new Aggregation({
      registry,
      client: loopback,
      authorizer,
      clock,
      random,
      logger,
      clientCa: https.clientCa,
      proxyClient,
      requestHeader,
    });
    const flowControl = new FlowControl({ registry, clock, totalSeats: this.options.requestsAtATime ?? defaultRequestsAtATime });
    registerFlowMetrics(this.metrics, flowControl);
    const flows = new FlowConfiguration({ flowControl, registry, client: loopback, clock, logger });
    await Promise.all([aggregation.start(), flows.ensure()]);
    this.resolveHandler(handler);
    const converterOf = (definition: CustomResourceDefinition): Converter =>
      definition.spec.conversion?.strategy === 'Webhook' ? webhookConverter(definition, { client: webhooks, random }) : relabel;
    const definitions = new DefinitionController({ registry, clock, logger, converterOf });
    await definitions.start();
    const discovery = new Discovery({
      custom: () => registry.custom(),
      remote: () => aggregation.remoteVersions(),
    });
    const published = {
      custom: () => registry.custom(),
      remote: () => aggregation.remoteDocuments(),
      returnsDeleted: (info: ResourceInfo) => returnsDeleted(registry, info),
    };
    const address = `${https.advertiseAddress}:${https.port}`;
    const certificates = new ClientCertificates(https.clientCa, requestHeader);
    const server = new HttpsServer({
      host: https.host,
      port: https.port,
      tls: { ...https, clientCa: [https.clientCa, ...(requestHeader ? [requestHeader.ca] : [])] },
      identification: new Identification({ authentication, certificates, authorizer, auditor, random }),
      authorizer,
      routes: new ResourceRoutes(handler),
      other: otherRoutes({
        discovery,
        openApi: new OpenApiV3(published),
        swagger: new OpenApiV2(published),
        clock,
        checks: [
          { name: 'ping', check() {} },
          { name: 'etcd', check: async () => void (await store.status()) },
          { name: 'shutdown', readinessOnly: true, check: () => assertRunning(signal) },
        ],
        metrics: this.metrics,
        tokens,
        address,
      }),
      aggregated: aggregation.proxy,
      flowControl,
      requestMs: this.options.requestMs ?? defaultRequestMs,
      shutdownDelayMs: this.options.shutdownDelayMs ?? 0,
      upgrades: [new PodStreams(handler, this.options.connectNode), new HttpProxy(handler, this.options.connectNode), new WatchSockets(handler)],
      clock,
      logger,
    });
    void server.ready.then((port) => this.resolveReady(port));
    const expiry = new EventExpiry(registry.stored('', 'events'), { clock, logger });
    const keeper = new AddressKeeper({ addresses, services: registry.stored('', 'services'), clock, logger });
    await runAll(signal, [server, expiry, keeper, definitions, flows, ...aggregation.runnables, ...this.grpcServers(handler, authentication)]);
  }

  private grpcServers(handler: ApiHandler, authentication: Authentication): Runnable[] {
    const { grpc, clock } = this.options;
    if (!grpc) return [];
    const service = new ApiGrpcService(handler, authentication).service();
    return [new GrpcServer({ address: grpc.address, credentials: serverCredentials(grpc.tls), services: [service], clock })];
  }
}

function assertRunning(signal: AbortSignal): void {
  if (signal.aborted) throw new Error('the server is shutting down');
}

/** A namespace outlives its deletion for a while, and is documented as if it did not. */
const returnsDeleted = (registry: Registry, { group, version, resource }: ResourceInfo): boolean =>
  resource !== 'namespaces' && registry.find(group, version, resource)?.definition.strategy.returnsDeletedObject === true;
