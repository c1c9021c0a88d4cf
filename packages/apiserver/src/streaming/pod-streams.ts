// pods/exec, pods/attach, pods/portforward and pods/log: authorized here, carried out by the kubelet of the pod's node.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, type Clock, type FieldError, invalidObject, type Pod, toStatusError } from '@steersman/api';
import type { nodeV1 } from '@steersman/rpc';
import { createWebSocketStream } from 'ws';
import type { Upgrade, UpgradeHandler } from '../facade/https-server.js';
import type { ResourceRequest } from '../facade/resource-routes.js';
import type { ApiHandler } from '../handler/api-handler.js';
import { authorize } from '../handler/handler-tools.js';
import type { RequestContext } from '../request/request-context.js';
import { isTrue, type RequestInfo } from '../request/request-info.js';
import { forwardedPorts, serveChannels } from './channel-port-forward.js';
import { containerOf, findPod, type NodeConnector, nodeOf } from './pod-target.js';
import { portForwardProtocols, servePortForward } from './port-forward.js';
import { runSession, type SessionChannels, type SessionOptions } from './session-channels.js';
import { acceptSpdy, isSpdy, spdyChannels, startSpdy } from './spdy-session.js';
import { acceptForward, acceptWebSocket, isTunnel, tunnelProtocol, websocketChannels } from './websocket-session.js';

const subresources = new Set(['exec', 'attach', 'portforward', 'log']);

export class PodStreams implements UpgradeHandler {
  constructor(
    private readonly handler: ApiHandler,
    private readonly connect: NodeConnector,
  ) {}

  handles({ resource }: RequestInfo): boolean {
    return resource?.group === '' && resource.resource === 'pods' && subresources.has(resource.subresource ?? '');
  }

  /** The request without an upgrade: logs are answered, the others ask for one. */
  async request(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    authorize(this.handler.tools, context, info.verb, info.resource);
    if (info.resource.subresource === 'log') return this.logs(one);
    const pod = await findPod(this.handler.tools.registry, info.resource);
    if (info.resource.subresource !== 'portforward') containerOf(pod, info.query.get('container'));
    nodeOf(this.handler.tools.registry, this.connect, pod);
    throw badRequest('Upgrade request required');
  }

  async upgrade(request: IncomingMessage, socket: Duplex, { head, info, context, signal }: Upgrade): Promise<void> {
    const path = info.resource!;
    authorize(this.handler.tools, context, info.verb, path);
    const { registry } = this.handler.tools;
    const pod = await findPod(registry, path);
    if (path.subresource === 'portforward') return this.portForward(request, socket, { head, pod, query: info.query, signal });
    const container = containerOf(pod, info.query.get('container'));
    const node = nodeOf(registry, this.connect, pod);
    const start = sessionStart(info, pod, container);
    const channels = await this.channels(request, socket, { head, start });
    try {
      await runSession(channels, start, (input) => (path.subresource === 'exec' ? node.exec(input, signal) : node.attach(input, signal)));
    } catch (error) {
      await channels.write('error', Buffer.from(JSON.stringify(toStatusError(error).status)));
    } finally {
      channels.close();
    }
  }

  private async channels(
    request: IncomingMessage,
    socket: Duplex,
    { head, start }: { head: Buffer; start: SessionOptions },
  ): Promise<SessionChannels> {
    if (!isSpdy(request)) return websocketChannels(await acceptWebSocket(request, socket, head), start);
    const { connection } = acceptSpdy(request, socket);
    return spdyChannels(connection, start, { socket, clock: this.clock });
  }

  private async portForward(
    request: IncomingMessage,
    socket: Duplex,
    { head, pod, query, signal }: { head: Buffer; pod: Pod; query: URLSearchParams; signal: AbortSignal },
  ): Promise<void> {
    const node = nodeOf(this.handler.tools.registry, this.connect, pod);
    const target = { node, namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name ?? '' };
    if (isSpdy(request)) {
      const { connection } = acceptSpdy(request, socket, portForwardProtocols);
      return servePortForward(connection, { socket, target, signal });
    }
    const ports = request.headers['sec-websocket-protocol']?.includes(tunnelProtocol) ? [] : forwardedPorts(query);
    const webSocket = await acceptForward(request, socket, head);
    if (!isTunnel(webSocket)) return serveChannels(webSocket, ports, { target, signal });
    const tunnel = createWebSocketStream(webSocket);
    tunnel.on('error', () => tunnel.destroy());
    await servePortForward(startSpdy(tunnel), { socket: tunnel, target, signal });
  }

  private async logs({ info, response, signal }: ResourceRequest): Promise<void> {
    const { registry } = this.handler.tools;
    const pod = await findPod(registry, info.resource);
    const container = containerOf(pod, info.query.get('container'));
    const request = logsRequest(info, pod, container);
    if (!pod.spec?.nodeName) {
      response.writeHead(204, { 'Cache-Control': 'no-cache, private' }).end();
      return;
    }
    const node = nodeOf(registry, this.connect, pod);
    const chunks = node.logs(request, signal)[Symbol.asyncIterator]();
    let next = await chunks.next();
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
    if (request.follow) response.flushHeaders();
    for (; !next.done; next = await chunks.next()) {
      if (response.destroyed) break;
      if (!response.write(next.value)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    response.end();
  }

  private get clock(): Clock {
    return this.handler.tools.clock;
  }
}

function sessionStart({ query }: RequestInfo, { metadata }: Pod, container: string): nodeV1.SessionStart {
  const start = {
    namespace: metadata.namespace ?? '',
    pod: metadata.name ?? '',
    container,
    command: query.getAll('command'),
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')),
    tty: isTrue(query.get('tty')),
  };
  if (!start.stdin && !start.stdout && !start.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  if (start.tty && start.stderr) return { ...start, stderr: false };
  return start;
}

function logsRequest({ query }: RequestInfo, { metadata }: Pod, container: string): nodeV1.LogsRequest {
  const errors: FieldError[] = [];
  const number = (name: string, { min }: { min: number }): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (Number(text) < min)
      errors.push({
        field: name,
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${text}: must be greater than ${min === 0 ? 'or equal to 0' : '0'}`,
      });
    return Number(text);
  };
  const tailLines = number('tailLines', { min: 0 });
  const sinceSeconds = number('sinceSeconds', { min: 1 });
  const limitBytes = number('limitBytes', { min: 1 });
  const sinceTime = query.get('sinceTime') ?? '';
  if (sinceTime && sinceSeconds !== undefined)
    errors.push({ field: '', reason: 'FieldValueForbidden', message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' });
  if (errors.length) throw invalidObject({ group: '', kind: 'PodLogOptions' }, metadata.name ?? '', errors);
  return {
    namespace: metadata.namespace ?? '',
    pod: metadata.name ?? '',
    container,
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    stream: query.get('stream') ?? '',
    sinceTime,
    sinceSeconds,
    tailLines,
    limitBytes,
  };
}
