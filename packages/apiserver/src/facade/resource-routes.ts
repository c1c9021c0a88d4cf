// REST requests for resources: from method, path, query and body to the handler chain, and its answer back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { badRequest, pathNotFound } from '@steersman/api';
import type { PatchType, WriteOptions } from '@steersman/client';
import type { ApiHandler } from '../handler/api-handler.js';
import { warningLines } from '../handler/decode-body.js';
import { authorize, type HandlerTools, methodNotAllowed, selectedPath } from '../handler/handler-tools.js';
import { type Patch, unsupportedPatch } from '../handler/patch.js';
import { bodyTooLarge, jsonType, maxBodyBytes, parseBody, parseConfiguration, parsePatch } from '../request/body-parser.js';
import type { RequestContext } from '../request/request-context.js';
import { isOfCollection, type RequestInfo } from '../request/request-info.js';
import { type Accepted, type Asked, acceptedOf } from './accept.js';
import { deleteOptionsOf } from './delete-options.js';
import { listOptionsOf, tooManyPatchOperations, writeOptionsOf } from './request-options.js';
import { type Sending, sendAnswer, sendList } from './send-answer.js';
import { WatchPace } from './watch-pace.js';
import { followWatch, watchAsked } from './watch-request.js';
import { streamWatch } from './watch-stream.js';

export interface ResourceRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo & { resource: NonNullable<RequestInfo['resource']> };
  readonly context: RequestContext;
  readonly signal: AbortSignal;
}

const maxPatchOperations = 10_000;

export class ResourceRoutes {
  private readonly pace: WatchPace;

  constructor(private readonly handler: ApiHandler) {
    this.pace = new WatchPace(handler.tools.clock);
  }

  async handle(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const { tools } = this.handler;
    authorizeRequest(tools, context, info);
    switch (info.verb) {
      case 'get':
        return this.get(one);
      case 'list':
        return this.list(one);
      case 'watch':
        return this.watch(one);
      case 'create':
        return this.create(one);
      case 'update':
        return this.update(one);
      case 'patch':
        return this.patch(one);
      case 'delete':
        return this.delete(one);
      case 'deletecollection':
        return this.deleteCollection(one);
      default:
        throw methodNotAllowed();
    }
  }

  private accepted({ request, info }: ResourceRequest, asked: Asked = {}): Accepted {
    return acceptedOf(this.handler.tools, request, info.resource, asked);
  }

  private sending({ response, context, info }: ResourceRequest, accepted: Accepted): Sending {
    return { response, accepted, context, query: info.query, nowMs: this.handler.tools.clock.now() };
  }

  private async get(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const resourceVersion = info.query.get('resourceVersion');
    const answer = await this.handler.get(context, info.resource, resourceVersion ? { resourceVersion } : {});
    sendAnswer(this.sending(one, accepted), answer);
  }

  private async list(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const answer = await this.handler.list(context, info.resource, listOptionsOf(info.query));
    await sendList(this.sending(one, accepted), answer);
  }

  private async watch(one: ResourceRequest): Promise<void> {
    const { info, request, response } = one;
    if (info.resource.subresource) throw pathNotFound();
    const asked = watchAsked(this.handler, request, info);
    await followWatch(this.handler, one, asked, (answer) => streamWatch(request, response, answer, { ...asked.frames, pace: this.pace }));
  }

  private async create(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const options = writeOptionsOf(info.query, 'CreateOptions');
    const body = await this.body(one, options.fieldValidation !== 'Ignore');
    const answer = await this.handler.create(context, info.resource, body, options);
    sendAnswer(this.sending(one, accepted), answer);
  }

  private async update(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const options = writeOptionsOf(info.query, 'UpdateOptions');
    const body = await this.body(one, options.fieldValidation !== 'Ignore');
    const answer = await this.handler.update(context, info.resource, body, options);
    sendAnswer(this.sending(one, accepted), answer);
  }

  private async body({ info, request }: ResourceRequest, findDuplicates: boolean): Promise<ReturnType<typeof parseBody>> {
    const bytes = await readBody(request);
    const served = this.handler.tools.registry.find(info.resource.group, info.resource.version, info.resource.resource);
    const sub = served?.definition.info.subresources.find(({ name }) => name === info.resource.subresource);
    return parseBody(bytes, {
      contentType: request.headers['content-type'] ?? '',
      kind: sub?.kind ?? served?.definition.info.kind ?? '',
      findDuplicates,
    });
  }

  private async patch(one: ResourceRequest): Promise<void> {
    const { info, context, request } = one;
    const accepted = this.accepted(one);
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim() as PatchType;
    const { group, version, resource } = info.resource;
    if (!patchTypes.includes(type)) throw unsupportedPatch(this.handler.tools.registry.find(group, version, resource)?.definition ?? {});
    const bytes = await readBody(request);
    const options = writeOptionsOf(info.query, 'PatchOptions', { applies: type === applyType });
    const patch = type === applyType ? decodeConfiguration(bytes, { context, options }) : decodePatch(bytes, type, options);
    const answer = await this.handler.patch(context, info.resource, { type, ...patch }, options);
    sendAnswer(this.sending(one, accepted), answer);
  }

  private async delete(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const options = deleteOptionsOf(await readBody(one.request), one.request.headers['content-type'] ?? '', info.query);
    const answer = await this.handler.delete(context, info.resource, options);
    sendAnswer(this.sending(one, accepted), answer);
  }

  private async deleteCollection(one: ResourceRequest): Promise<void> {
    const { info, context } = one;
    const accepted = this.accepted(one);
    const options = deleteOptionsOf(await readBody(one.request), one.request.headers['content-type'] ?? '', info.query);
    const answer = await this.handler.deleteCollection(context, info.resource, options, listOptionsOf(info.query));
    await sendList(this.sending(one, accepted), answer);
  }
}

/** Who may not ask is told nothing else: not what there is, nor what is wrong with the request. */
export function authorizeRequest(tools: HandlerTools, context: RequestContext, { verb, resource, query }: ResourceRequest['info']): void {
  const selector = isOfCollection(verb) ? (query.get('fieldSelector') ?? undefined) : undefined;
  authorize(tools, context, verb, selectedPath(resource, selector), selector);
}

/** Reads a request's body up to upstream's limit; throws 413 beyond it. The connection outlives that: the answer goes over it. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw bodyTooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        request.off('data', take).pause();
        reject(bodyTooLarge());
      } else chunks.push(chunk);
    };
    request
      .on('data', take)
      .once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
      .once('error', reject)
      .once('close', () => reject(new Error('the client went away before its request had ended')));
  });
}

const applyType = 'application/apply-patch+yaml';
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', applyType];

function decodePatch(bytes: Buffer, type: string, { fieldValidation }: WriteOptions): Omit<Patch, 'type'> {
  const { value: patch, duplicates } = parsePatch(bytes, type, fieldValidation !== 'Ignore');
  if (type === 'application/json-patch+json') {
    if (!Array.isArray(patch))
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${patch === null ? 'null' : typeof patch} into Go value of type []handlers.jsonPatchOp`,
      );
    if (patch.length > maxPatchOperations) throw tooManyPatchOperations(patch.length);
    return { patch, duplicates };
  }
  if (patch === null) return { patch: {}, duplicates };
  if (typeof patch !== 'object' || Array.isArray(patch)) {
    const problem = `json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`;
    throw badRequest(type === 'application/strategic-merge-patch+json' ? problem : `error decoding patch: ${problem}`);
  }
  return { patch, duplicates };
}

/** The configuration of an apply: YAML, or the JSON that is YAML too. Keys that stand twice are told of as unknown fields are. */
function decodeConfiguration(bytes: Buffer, { context, options }: { context: RequestContext; options: WriteOptions }): Omit<Patch, 'type'> {
  const { value, duplicates } = parseConfiguration(bytes, options.fieldValidation !== 'Ignore');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value;
    throw badRequest(
      `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    );
  }
  if (duplicates.length > 0 && options.fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${duplicates.join(', ')}`);
  context.warnings.push(...duplicates.flatMap(warningLines));
  return { patch: value };
}
