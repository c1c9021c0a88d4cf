// The HTTPS front of the API server: TLS, authentication, and dispatch. Resource requests go straight to their routes,
// everything else (health, version, discovery, OpenAPI) through Express.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { badRequest, type Clock, type Logger, pathNotFound, toStatusError } from '@steersman/api';
import { aborted } from '@steersman/component-base';
import type { Express, Request, Response } from 'express';
import type { ApiProxy } from '../aggregation/api-proxy.js';
import type { AuditRecord } from '../audit/audit-record.js';
import type { UserInfo } from '../authn/user.js';
import { type Authorizer, forbiddenTo } from '../authz/authorizer.js';
import { type Admitted, type FlowControl, TooManyRequests } from '../flow-control/flow-control.js';
import type { RequestContext } from '../request/request-context.js';
import { parseRequest, type RequestInfo } from '../request/request-info.js';
import { ApiResponse } from './api-response.js';
import { connectionLimits } from './connection-limits.js';
import { Draining } from './draining.js';
import { protocolProblem, refuseConnection, refuseExpectation, refuseRequest, targetOf } from './http-protocol.js';
import type { Identification } from './identification.js';
import { isLongRunning } from './long-running.js';
import { defaultRequestMs, keepDeadline } from './request-deadline.js';
import type { ResourceRequest, ResourceRoutes } from './resource-routes.js';
import { sendBytes, sendError, setWarnings } from './response.js';

export interface Upgrade {
  /** What came over the connection already. */
  readonly head: Buffer;
  readonly info: RequestInfo;
  readonly context: RequestContext;
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
}

/** A request that takes the connection over (exec, attach, port-forward, proxied upgrades, watches). */
export interface UpgradeHandler {
  /** Whether the request is one for it, by path and by the protocol that it wants to change to. */
  handles(info: RequestInfo, upgrade: string | undefined): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, one: Upgrade): Promise<void>;
  /** The same path without an upgrade, where that is answered otherwise than what takes no connection over. */
  request?(one: ResourceRequest): Promise<void>;
}

export interface HttpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: readonly string[] };
  readonly identification: Identification;
  readonly authorizer: Authorizer;
  readonly routes: ResourceRoutes;
  readonly other: Express;
  readonly upgrades: readonly UpgradeHandler[];
  /** APIs that other servers have. */
  readonly aggregated: ApiProxy;
  readonly flowControl: FlowControl;
  /** How long a request may take that does not go on for long. */
  readonly requestMs: number;
  /** How long the server goes on as before once it is to stop. */
  readonly shutdownDelayMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long bodies that nobody reads may go on, and how large they may be. */
const drainMs = 2000;
const drainBytes = 64 * 1024 * 1024;

/** A request that is to be answered, and who it is from. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo;
  readonly context: RequestContext;
}

/** What Express handlers find on a request. */
export interface Identified {
  user: UserInfo;
}

export class HttpsServer {
  readonly name = 'https server';
  readonly ready: Promise<number>;
  private resolveReady!: (port: number) => void;
  private readonly draining: Draining;

  constructor(private readonly options: HttpsServerOptions) {
    const { clock, shutdownDelayMs: delayMs } = options;
    this.draining = new Draining({ clock, delayMs, requestsMs: defaultRequestMs });
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { host, port, tls } = this.options;
    const server = createServer({
      cert: tls.cert,
      key: tls.key,
      ca: [...tls.clientCa],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ServerResponse: ApiResponse,
      ...connectionLimits,
      requireHostHeader: false,
      shouldUpgradeCallback: (request) => this.takesOver(request),
    });
    // Their size is limited, not their number: those past it would be dropped without a word.
    server.maxHeadersCount = 0;
    server.on('request', (request, response) => void this.serve(request, response));
    server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head));
    server.on('tlsClientError', () => {});
    server.on('clientError', refuseConnection);
    server.on('checkExpectation', refuseExpectation);
    await listen(server, host, port);
    const address = server.address();
    this.resolveReady(typeof address === 'object' && address ? address.port : port);
    await aborted(signal);
    await this.draining.finish(server);
  }

  /** Any other request that offers to change the protocol is answered as if it did not. */
  private takesOver(request: IncomingMessage): boolean {
    const info = parseRequest(request.method ?? 'GET', targetOf(request.url));
    return (
      info !== undefined &&
      (this.options.aggregated.serving(info) !== undefined || this.options.upgrades.some((one) => one.handles(info, request.headers.upgrade)))
    );
  }

  private async serve(request: IncomingMessage, response: ApiResponse): Promise<void> {
    const problem = protocolProblem(request);
    if (problem) return refuseRequest(response, problem);
    if (request.url === '*' && request.method === 'OPTIONS') return void response.writeHead(200, { 'Content-Length': 0 }).end();
    request.url = targetOf(request.url);
    const info = parseRequest(request.method ?? 'GET', request.url);
    if (!info) return refuseRequest(response, [400]);
    await this.answer(request, response, info);
  }

  private async answer(request: IncomingMessage, response: ApiResponse, info: RequestInfo): Promise<void> {
    let context: RequestContext | undefined;
    let audit: AuditRecord | undefined;
    let seat: Admitted | undefined;
    const { identification } = this.options;
    const id = identification.idOf(request);
    response.common.push('Audit-Id', id);
    try {
      this.limit(request, response, info);
      const began = (record: AuditRecord): void => {
        audit = record;
        followAnswer(record, response, isLongRunning(info));
      };
      context = await identification.identify(request, { id, info, began });
      seat = await this.seat(response, info, context);
      await this.dispatch({ request, response, info, context });
    } catch (error) {
      audit?.failed(error);
      this.fail(request, response, { error, context });
    } finally {
      seat?.release();
    }
  }

  /** What does not go on for long has a deadline, and is waited for when the server stops. */
  private limit(request: IncomingMessage, response: ServerResponse, info: RequestInfo): void {
    response.once('finish', () => {
      if (!request.complete) this.drain(request);
    });
    if (isLongRunning(info)) return;
    this.draining.begun(response);
    keepDeadline(response, info, { clock: this.options.clock, mostMs: this.options.requestMs });
  }

  /** A seat for the time that the request takes; those that go on for long have one only to begin with. */
  private async seat(response: ApiResponse, info: RequestInfo, { user }: RequestContext): Promise<Admitted | undefined> {
    const long = isLongRunning(info);
    if (long && info.verb !== 'watch') return undefined;
    const admission = this.options.flowControl.admit(user, info, () => untilClosed(response, this.draining.signal));
    const seat = admission instanceof Promise ? await admission : admission;
    response.common.push('X-Kubernetes-Pf-Flowschema-Uid', seat.schemaUid, 'X-Kubernetes-Pf-Prioritylevel-Uid', seat.levelUid);
    if (long) seat.release();
    return seat;
  }

  private async dispatch({ request, response, info, context }: Exchange): Promise<void> {
    const { aggregated, upgrades, routes } = this.options;
    const api = aggregated.serving(info);
    if (api) return aggregated.request(api, { request, response, info, context });
    if (!info.resource) return this.serveOther(request, response, { info, context });
    const { draining } = this;
    const one: ResourceRequest = {
      request,
      response,
      info: info as ResourceRequest['info'],
      context,
      get signal() {
        return untilClosed(response, draining.signal);
      },
    };
    const special = upgrades.find((handler) => handler.handles(info, undefined));
    await (special?.request?.(one) ?? routes.handle(one));
  }

  private serveOther(request: IncomingMessage, response: ServerResponse, { info, context }: { info: RequestInfo; context: RequestContext }): void {
    const attributes = { user: context.user, verb: info.verb, path: info.path };
    const decision = this.options.authorizer.authorize(attributes);
    context.audit?.decided(decision);
    if (!decision.allowed) throw forbiddenTo(attributes);
    Object.assign(request, { user: context.user } satisfies Identified);
    this.options.other(request as Request, response as Response, (error: unknown) => sendError(response, error ?? pathNotFound()));
  }

  private fail(
    request: IncomingMessage,
    response: ServerResponse,
    { error, context }: { error: unknown; context: RequestContext | undefined },
  ): void {
    const about = { method: request.method, path: request.url?.split('?')[0] };
    const { code } = toStatusError(error);
    // A body that broke off is nobody's failure here.
    if (code === 500 && !request.errored) this.options.logger.error('request failed', { ...about, err: error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    try {
      // What has no such verb has no warnings either.
      if (code !== 405) setWarnings(response, context?.warnings ?? []);
      if (code === 403 && !context?.granted) response.setHeader('X-Content-Type-Options', 'nosniff');
      if (error instanceof TooManyRequests) sendBusy(response, error);
      else sendError(response, error);
    } catch (cause) {
      // An error that cannot be told costs its connection, nothing else.
      this.options.logger.error('answering with an error failed', { ...about, err: cause });
      response.destroy();
    }
  }

  /** Lets a body that is too large come in, unread, so that its sender gets to the answer; not for ever. */
  private drain(request: IncomingMessage): void {
    const give = (): void => void request.destroy();
    const timer = this.options.clock.after(drainMs, give);
    let size = 0;
    request.on('data', ({ length }: Buffer) => {
      size += length;
      if (size > drainBytes) give();
    });
    request.once('close', () => timer.cancel());
    request.once('end', () => timer.cancel());
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {});
    let audit: AuditRecord | undefined;
    const { identification } = this.options;
    try {
      request.url = targetOf(request.url);
      const info = parseRequest(request.method ?? 'GET', request.url);
      if (!info) throw badRequest('malformed path');
      const began = (record: AuditRecord): void => {
        audit = record;
        socket.once('close', () => record.completed(101));
      };
      const context = await identification.identify(request, { id: identification.idOf(request), info, began });
      const api = this.options.aggregated.serving(info);
      if (api) return await this.options.aggregated.upgrade(api, { request, socket, head, info, context });
      const handler = this.options.upgrades.find((one) => one.handles(info, request.headers.upgrade));
      if (!handler) throw badRequest('Upgrade request required');
      audit?.startedResponse(101);
      await handler.upgrade(request, socket, { head, info, context, signal: untilClosed(socket, this.draining.signal) });
    } catch (error) {
      const { status } = toStatusError(error);
      audit?.failed(error);
      audit?.completed(status.code);
      const body = JSON.stringify(status);
      if (!socket.destroyed)
        socket.end(
          `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        );
    }
  }
}

/** Made for the few requests that go on: a signal costs more than all else of a short one. */
function untilClosed(stream: ServerResponse | Duplex, stop: AbortSignal): AbortSignal {
  const gone = new AbortController();
  if (stream.closed) gone.abort();
  stream.on('close', () => gone.abort());
  return AbortSignal.any([gone.signal, stop]);
}

/** Records when an answer begins, if it goes on for long, and when it is over. */
function followAnswer(audit: AuditRecord, response: ServerResponse, long: boolean): void {
  response.once('close', () => audit.completed(response.statusCode));
  if (!long) return;
  const { writeHead } = response;
  response.writeHead = function began(this: ServerResponse, ...head: [number]) {
    audit.startedResponse(head[0]);
    return writeHead.apply(this, head);
  } as typeof writeHead;
}

/** In words, as upstream tells it, and when to come back. */
function sendBusy(response: ServerResponse, { status, retryAfterSeconds }: TooManyRequests): void {
  response.setHeader('Retry-After', String(retryAfterSeconds));
  sendBytes(response, { code: status.code, body: Buffer.from(`${status.message}\n`), type: 'text/plain; charset=utf-8' });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(`listening on ${host}:${port}`, { cause })));
    server.listen(port, host, 4096, resolve);
  });
}
