// The gRPC service of the API, for components deployed apart: the same handler chain as REST, identified by client certificate.
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { toStatusError } from '@steersman/api';
import { type PatchType, type ResourcePath, urlPath, type WriteOptions } from '@steersman/client';
import { apiV1, duplexHandler, type GrpcService, streamHandler, toServiceError } from '@steersman/rpc';
import type { Authentication } from '../authn/authentication.js';
import type { UserInfo } from '../authn/user.js';
import type { ApiHandler } from '../handler/api-handler.js';
import { type Answer, selectedPath } from '../handler/handler-tools.js';
import type { WatchItem } from '../handler/watch.js';
import { createContext, type RequestContext } from '../request/request-context.js';
import { ownNamespace } from '../request/request-info.js';

/** What of a call tells who makes it. */
interface Call {
  getAuthContext(): object;
  readonly metadata: { get(key: string): (string | Buffer)[] };
}

interface Caller {
  readonly user: UserInfo;
  readonly userAgent: string;
}

const chunkItems = 500;
/** Calls of one stream that are worked on at a time. */
const maxConcurrent = 256;

const pathOf = (path: apiV1.ResourcePath | undefined): ResourcePath => {
  const { group = '', version = '', resource = '', namespace, name, subresource } = path ?? {};
  return { group, version, resource, ...(namespace && { namespace }), ...(name && { name }), ...(subresource && { subresource }) };
};

/** The program at the other end, for the managers of what it writes. */
const userAgentOf = (call: Call): string => call.metadata.get('user-agent')[0]?.toString() ?? '';

const writeOptionsOf = (options: apiV1.WriteOptions | undefined): WriteOptions => ({
  ...(options?.dryRun && { dryRun: true }),
  ...(options?.fieldManager && { fieldManager: options.fieldManager }),
  ...(options?.fieldValidation && { fieldValidation: options.fieldValidation as 'Ignore' }),
  ...(options?.force && { force: true }),
});

const json = (bytes: Buffer): unknown => (bytes.length ? JSON.parse(bytes.toString()) : {});

const bodyOf = (bytes: Buffer): { value: unknown; duplicates: readonly string[] } => ({ value: json(bytes), duplicates: [] });

const eventTypes = {
  ADDED: apiV1.WatchEvent_Type.TYPE_ADDED,
  MODIFIED: apiV1.WatchEvent_Type.TYPE_MODIFIED,
  DELETED: apiV1.WatchEvent_Type.TYPE_DELETED,
} as const;

export class ApiGrpcService {
  constructor(
    private readonly handler: ApiHandler,
    private readonly authentication: Authentication,
  ) {}

  service(): GrpcService {
    type Verb = NonNullable<apiV1.BatchRequest['verb']>;
    const unary =
      <Request>(verbOf: (request: Request) => Verb) =>
      (call: ServerUnaryCall<Request, apiV1.ObjectResponse>, callback: sendUnaryData<apiV1.ObjectResponse>): void => {
        this.callerOf(call)
          .then((caller) => this.audited(caller, verbOf(call.request)))
          .then(
            (response) => callback(null, response),
            (error: unknown) => callback(toServiceError(error)),
          );
      };
    return {
      definition: apiV1.ApiService,
      implementation: {
        get: unary<apiV1.GetRequest>((value) => ({ $case: 'get', value })),
        create: unary<apiV1.WriteRequest>((value) => ({ $case: 'create', value })),
        update: unary<apiV1.WriteRequest>((value) => ({ $case: 'update', value })),
        patch: unary<apiV1.PatchRequest>((value) => ({ $case: 'patch', value })),
        apply: unary<apiV1.PatchRequest>((value) => ({ $case: 'patch', value: { ...value, type: 'application/apply-patch+yaml' } })),
        delete: unary<apiV1.DeleteRequest>((value) => ({ $case: 'delete', value })),
        deleteCollection: unary<apiV1.DeleteRequest>((value) => ({ $case: 'delete', value })),
        list: streamHandler((request: apiV1.ListRequest, _signal, call) => this.list(call, request)),
        watch: streamHandler((request: apiV1.WatchRequest, signal, call) => this.watch(call, request, signal)),
        batch: duplexHandler((input: AsyncIterable<apiV1.BatchRequest>, signal, call) => this.batch(call, input, signal)),
      },
    };
  }

  private async callerOf(call: Call): Promise<Caller> {
    return { user: await this.userOf(call), userAgent: userAgentOf(call) };
  }

  private async context({ user, userAgent }: Caller, verb: string, resource: ResourcePath, fieldSelector = ''): Promise<RequestContext> {
    const { auditor, authorizer } = this.handler.tools;
    const path = urlPath(resource);
    const context = createContext(user, { userAgent, audit: auditor?.begin({ user, verb, path, uri: path, resource, userAgent }) });
    await authorizer.prepare?.({ user, verb, ...ownNamespace(selectedPath(resource, fieldSelector)), ...(fieldSelector && { fieldSelector }) });
    return context;
  }

  private async userOf(call: Call): Promise<UserInfo> {
    const { sslPeerCertificate } = call.getAuthContext() as { sslPeerCertificate?: { subject?: { CN?: string; O?: string | string[] } } };
    const subject = sslPeerCertificate?.subject;
    const [authorization] = call.metadata.get('authorization');
    if (authorization !== undefined) return this.authentication.identify({ bearerToken: authorization.toString().replace(/^Bearer /, '') }, '');
    return this.authentication.identify(subject?.CN ? { certificate: { commonName: subject.CN, organizations: [subject.O ?? []].flat() } } : {}, '');
  }

  private async audited(caller: Caller, verb: NonNullable<apiV1.BatchRequest['verb']>): Promise<apiV1.ObjectResponse> {
    const path = pathOf(verb.value.path);
    const context = await this.context(caller, verb.$case === 'delete' && path.name === undefined ? 'deletecollection' : verb.$case, path);
    try {
      const response = await this.carryOut(context, verb);
      context.audit?.responded(() => json(response.object));
      context.audit?.completed(response.code);
      return response;
    } catch (error) {
      context.audit?.endedBy(error);
      throw error;
    }
  }

  /** What is answered; a failure ends the record of the request. */
  private async recorded<Answered>({ audit }: RequestContext, answer: Promise<Answered>): Promise<Answered> {
    try {
      return await answer;
    } catch (error) {
      audit?.endedBy(error);
      throw error;
    }
  }

  private async carryOut(context: RequestContext, verb: NonNullable<apiV1.BatchRequest['verb']>): Promise<apiV1.ObjectResponse> {
    const { handler } = this;
    switch (verb.$case) {
      case 'get':
        return responseOf(
          context,
          await handler.get(context, pathOf(verb.value.path), verb.value.resourceVersion ? { resourceVersion: verb.value.resourceVersion } : {}),
        );
      case 'create':
        return responseOf(
          context,
          await handler.create(context, pathOf(verb.value.path), bodyOf(verb.value.object), writeOptionsOf(verb.value.options)),
        );
      case 'update':
        return responseOf(
          context,
          await handler.update(context, pathOf(verb.value.path), bodyOf(verb.value.object), writeOptionsOf(verb.value.options)),
        );
      case 'patch':
        return responseOf(
          context,
          await handler.patch(
            context,
            pathOf(verb.value.path),
            { type: verb.value.type as PatchType, patch: json(verb.value.patch) },
            writeOptionsOf(verb.value.options),
          ),
        );
      case 'delete': {
        const { path, options, labelSelector, fieldSelector } = verb.value;
        const target = pathOf(path);
        if (target.name !== undefined) return responseOf(context, await handler.delete(context, target, json(options) as object));
        const { resourceVersion } = await handler.deleteCollection(context, target, json(options) as object, {
          ...(labelSelector && { labelSelector }),
          ...(fieldSelector && { fieldSelector }),
        });
        const status = { kind: 'Status', apiVersion: 'v1', metadata: { resourceVersion }, status: 'Success', code: 200 };
        return { object: Buffer.from(JSON.stringify(status)), warnings: context.warnings, code: 200 };
      }
    }
  }

  private async *list(call: Call, request: apiV1.ListRequest): AsyncGenerator<apiV1.ListChunk, void, undefined> {
    const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = request;
    const path = pathOf(request.path);
    const context = await this.context(await this.callerOf(call), 'list', path, request.fieldSelector);
    const answer = await this.recorded(
      context,
      this.handler.list(context, path, {
        ...(labelSelector && { labelSelector }),
        ...(fieldSelector && { fieldSelector }),
        ...(limit && { limit }),
        ...(request.continue && { continue: request.continue }),
        ...(resourceVersion && { resourceVersion }),
        ...(resourceVersionMatch && { resourceVersionMatch: resourceVersionMatch as 'Exact' }),
      }),
    );
    for (let start = 0; start === 0 || start < answer.items.length; start += chunkItems)
      yield {
        items: answer.items.slice(start, start + chunkItems).map(({ json: bytes }) => bytes),
        resourceVersion: answer.resourceVersion,
        continue: answer.continue ?? '',
        remainingItemCount: answer.remainingItemCount,
      };
    context.audit?.completed(200);
  }

  private async *watch(call: Call, request: apiV1.WatchRequest, signal: AbortSignal): AsyncGenerator<apiV1.WatchBatch, void, undefined> {
    const { labelSelector, fieldSelector, resourceVersion, allowBookmarks, sendInitialEvents } = request;
    const options = {
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
      ...(resourceVersion && { resourceVersion }),
      allowBookmarks,
      ...(sendInitialEvents && { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' }),
    };
    const path = pathOf(request.path);
    const context = await this.context(await this.callerOf(call), 'watch', path, request.fieldSelector);
    const { target, batches } = await this.recorded(context, this.handler.watch(context, path, options, signal));
    context.audit?.startedResponse(200);
    const { kind } = target.served.definition.info;
    for await (const batch of batches) yield { events: batch.map((item) => eventOf(item, kind)) };
    context.audit?.completed(200);
  }

  /** Works on many requests of one stream at a time; answers come as they are ready. */
  private async *batch(
    call: Call,
    input: AsyncIterable<apiV1.BatchRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<apiV1.BatchResponse, void, undefined> {
    const caller = await this.callerOf(call);
    const ready: apiV1.BatchResponse[] = [];
    const running = new Set<Promise<void>>();
    let wake: () => void = () => {};
    let ended = false;
    const read = async (): Promise<void> => {
      for await (const { id, verb } of input) {
        if (!verb) continue;
        if (running.size >= maxConcurrent) await Promise.race(running);
        const work = this.answer(id, caller, verb).then((response) => {
          running.delete(work);
          ready.push(response);
          wake();
        });
        running.add(work);
      }
      await Promise.all(running);
    };
    const reading = read()
      .catch(() => {})
      .finally(() => {
        ended = true;
        wake();
      });
    signal.addEventListener('abort', () => wake(), { once: true });
    while (!signal.aborted) {
      while (ready.length) yield ready.shift()!;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ready.length || ended || signal.aborted) resolve();
      });
    }
    void reading;
  }

  private async answer(id: number, caller: Caller, verb: NonNullable<apiV1.BatchRequest['verb']>): Promise<apiV1.BatchResponse> {
    try {
      return { id, outcome: { $case: 'response', value: await this.audited(caller, verb) } };
    } catch (error) {
      return { id, outcome: { $case: 'status', value: Buffer.from(JSON.stringify(toStatusError(error).status)) } };
    }
  }
}

const responseOf = (context: RequestContext, { code, object, stored }: Answer): apiV1.ObjectResponse => ({
  code,
  object: stored?.json ?? Buffer.from(JSON.stringify(object)),
  warnings: context.warnings,
});

function eventOf(item: WatchItem, kind: string): apiV1.WatchEvent {
  switch (item.type) {
    case 'ERROR':
      return { type: apiV1.WatchEvent_Type.TYPE_ERROR, object: Buffer.from(JSON.stringify(item.error.status)) };
    case 'BOOKMARK': {
      const metadata = {
        resourceVersion: String(item.revision),
        ...(item.initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
      };
      return { type: apiV1.WatchEvent_Type.TYPE_BOOKMARK, object: Buffer.from(JSON.stringify({ kind, metadata })) };
    }
    default:
      return { type: eventTypes[item.type], object: item.object.json };
  }
}
