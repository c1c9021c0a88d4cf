// The proxy subresource of pods, services and nodes: plain HTTP requests passed on, and their answers back.
// Mirrors https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, type Node, notFound, type Pod } from '@steersman/api';
import type { Upgrade, UpgradeHandler } from '../facade/https-server.js';
import { type ResourceRequest, readBody } from '../facade/resource-routes.js';
import type { ApiHandler } from '../handler/api-handler.js';
import { authorize } from '../handler/handler-tools.js';
import type { RequestContext } from '../request/request-context.js';
import type { RequestInfo } from '../request/request-info.js';
import { forward, forwardUpgrade, passedOn } from './forwarding.js';
import type { NodeConnector } from './pod-target.js';
import { serviceEndpoint } from './service-endpoint.js';

const proxied = new Set(['pods', 'services', 'nodes']);
interface Destination {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

/** `[scheme:]name[:port]` */
function splitName(name: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = name.split(':');
  const scheme = parts.length > 1 && (parts[0] === 'http' || parts[0] === 'https') ? parts.shift() : undefined;
  return { scheme: scheme === 'https' ? 'https' : 'http', name: parts[0] ?? '', port: parts[1] ?? '' };
}

/** Pods answer to themselves: their certificates are not checked, as upstream has it. */
const connection = { rejectUnauthorized: false };

export class HttpProxy implements UpgradeHandler {
  constructor(
    private readonly handler: ApiHandler,
    private readonly connect: NodeConnector,
  ) {}

  handles({ resource }: RequestInfo): boolean {
    return resource?.group === '' && resource.subresource === 'proxy' && proxied.has(resource.resource);
  }

  async request(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    authorize(this.handler.tools, context, info.verb, info.resource);
    if (info.resource.resource === 'nodes') return this.toNode(one, splitName(info.resource.name ?? '').name);
    return this.toAddress(one, this.destination(info.resource));
  }

  async upgrade(request: IncomingMessage, socket: Duplex, { head, info, context }: Upgrade): Promise<void> {
    const resource = info.resource!;
    authorize(this.handler.tools, context, info.verb, resource);
    if (resource.resource === 'nodes') throw badRequest('upgrades are not passed on to nodes');
    const { scheme, host, port } = this.destination(resource);
    await forwardUpgrade(request, socket, head, { scheme, host, port, path: targetPath(info), headers: request.headers, connection });
  }

  private destination(resource: NonNullable<RequestInfo['resource']>): Destination {
    const { scheme, name, port } = splitName(resource.name ?? '');
    return resource.resource === 'pods'
      ? this.podDestination(resource.namespace ?? '', { scheme, name, port })
      : this.serviceDestination(resource.namespace ?? '', { scheme, name, port });
  }

  private podDestination(namespace: string, { scheme, name, port }: ReturnType<typeof splitName>): Destination {
    const pods = this.handler.tools.registry.stored('', 'pods');
    const pod = pods.peek(namespace, name)?.object as unknown as Pod | undefined;
    if (!pod?.status?.podIP) throw pod ? badRequest(`address not allowed`) : notFoundOf('pods', name);
    const number =
      Number(port) ||
      pod.spec?.containers.flatMap(({ ports = [] }) => ports).find((one) => port === '' || one.name === port)?.containerPort ||
      (scheme === 'https' ? 443 : 80);
    return { scheme, host: pod.status.podIP, port: number };
  }

  private serviceDestination(namespace: string, { scheme, name, port }: ReturnType<typeof splitName>): Destination {
    const { registry, random } = this.handler.tools;
    return { scheme, ...serviceEndpoint({ registry, random }, { namespace, name, port }) };
  }

  private toAddress({ request, response, info }: ResourceRequest, { scheme, host, port }: Destination): Promise<void> {
    return forward(request, response, { scheme, host, port, path: targetPath(info), headers: passedOn(request.headers), connection });
  }

  private async toNode(one: ResourceRequest, name: string): Promise<void> {
    const { request, response, info, signal } = one;
    const node = (await this.handler.tools.registry.stored('', 'nodes').get(undefined, name)).object as unknown as Node;
    const body = await readBody(request);
    const answer = this.connect(node).proxy({ method: request.method ?? 'GET', path: targetPath(info), headers: {}, body }, signal);
    for await (const { status, headers, data } of answer) {
      if (!response.headersSent) response.writeHead(status || 200, headers);
      if (data.length && !response.write(data)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
  }
}

const notFoundOf = (resource: string, name: string): Error => notFound({ group: '', resource }, name);

function targetPath({ path, query, rest }: RequestInfo): string {
  const at = path.indexOf('/proxy');
  const onward = at >= 0 ? path.slice(at + '/proxy'.length) : `/${rest ?? ''}`;
  const text = query.toString();
  return `${onward || '/'}${text ? `?${text}` : ''}`;
}
