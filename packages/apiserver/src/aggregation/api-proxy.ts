// Requests for aggregated APIs: checked like all others, then passed on to the server that has them, with the name of the user.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type APIService, toStatusError } from '@steersman/api';
import { type Attributes, type Authorizer, forbiddenTo } from '../authz/authorizer.js';
import type { RequestContext } from '../request/request-context.js';
import type { RequestInfo } from '../request/request-info.js';
import { forward, forwardUpgrade, type Onward, passedOn } from '../streaming/forwarding.js';
import { identityHeaders, isIdentityHeader } from './proxied-identity.js';
import { isAvailable, type RemoteApis } from './remote-apis.js';

interface Request {
  readonly request: IncomingMessage;
  readonly info: RequestInfo;
  readonly context: RequestContext;
}

export class ApiProxy {
  constructor(
    private readonly apis: RemoteApis,
    private readonly authorizer: Authorizer,
  ) {}

  /** The registration of the API that the request is for, if another server has it. */
  serving({ path }: Pick<RequestInfo, 'path'>): APIService | undefined {
    if (!path.startsWith('/apis/')) return undefined;
    const [, , group = '', version] = path.split('/');
    return version ? this.apis.serving(group, version) : undefined;
  }

  async request(api: APIService, { request, info, context, response }: Request & { readonly response: ServerResponse }): Promise<void> {
    this.authorize(info, context);
    const onward = this.onward(api, { request, info, context });
    if ('refused' in onward) return sendText(response, onward.refused);
    try {
      await forward(request, response, onward);
    } catch (error) {
      sendText(response, toStatusError(error).status.message ?? '');
    }
  }

  async upgrade(
    api: APIService,
    { request, info, context, socket, head }: Request & { readonly socket: Duplex; readonly head: Buffer },
  ): Promise<void> {
    this.authorize(info, context);
    const onward = this.onward(api, { request, info, context });
    if ('refused' in onward) {
      socket.end(`HTTP/1.1 503 Service Unavailable\r\nContent-Length: ${onward.refused.length}\r\nConnection: close\r\n\r\n${onward.refused}`);
      return;
    }
    const { connection, upgrade } = request.headers;
    await forwardUpgrade(request, socket, head, { ...onward, headers: { ...onward.headers, connection, upgrade } });
  }

  private authorize({ resource, verb, path }: RequestInfo, { user, audit }: RequestContext): void {
    const attributes: Attributes = resource ? { user, verb, ...resource } : { user, verb, path };
    const decision = this.authorizer.authorize(attributes);
    audit?.decided(decision);
    if (!decision.allowed) throw forbiddenTo(attributes, decision.reason);
  }

  private onward(api: APIService, { request, info, context }: Request): Onward | { readonly refused: string } {
    if (!isAvailable(api)) return { refused: 'service unavailable' };
    const { host, port, ...connection } = this.connection(api) ?? {};
    if (typeof host !== 'string' || typeof port !== 'number') return { refused: 'service unavailable' };
    const own = Object.fromEntries(Object.entries(passedOn(request.headers)).filter(([name]) => !isIdentityHeader(name)));
    const query = info.query.toString();
    const headers = { ...own, 'X-Forwarded-For': request.socket.remoteAddress ?? '', 'X-Forwarded-Proto': 'https', ...identityHeaders(context.user) };
    return { scheme: 'https', host, port, path: `${info.path}${query ? `?${query}` : ''}`, headers, connection };
  }

  private connection(api: APIService): ReturnType<RemoteApis['connection']> | undefined {
    try {
      return this.apis.connection(api);
    } catch {
      return undefined;
    }
  }
}

/** Upstream tells of unreachable servers in plain text. */
function sendText(response: ServerResponse, text: string): void {
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
  response.end(`${text}\n`);
}
