// Sends what a request for resources came to, in the representation that the client accepts.
import type { ServerResponse } from 'node:http';
import { badRequest, protobufObject, StatusError } from '@steersman/api';
import type { CachedObject } from '../cache/cached-object.js';
import type { Answer } from '../handler/handler-tools.js';
import type { ListAnswer } from '../handler/read.js';
import { protobufType } from '../request/body-parser.js';
import type { RequestContext } from '../request/request-context.js';
import { type Accepted, notAcceptable } from './accept.js';
import { encodedBody, reencoded } from './encoded-body.js';
import { listBody, listPieces, protobufListBody } from './list-body.js';
import { partialMetadata, partialMetadataList, tableOf } from './representations.js';
import { acceptsGzip, sendBytes, sendObject, sendPieces, setWarnings } from './response.js';

export interface Sending {
  readonly response: ServerResponse;
  readonly accepted: Accepted;
  readonly context: RequestContext;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

export function sendAnswer(sending: Sending, answer: Answer): void {
  const { code, stored, resource } = answer;
  const { response, accepted, context } = sending;
  setWarnings(response, context.warnings);
  if (accepted.as === 'PartialObjectMetadataList')
    throw wrongPartial(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${resource ? goName(resource.definition.info) : 'v1.Status'})`,
    );
  const send = (value: object): void => {
    context.audit?.responded(() => value);
    sendObject(response, { code, value, ...accepted });
  };
  if (accepted.as === 'PartialObjectMetadata' && answer.object.kind !== 'Status') send(partialMetadata(answer.object, accepted.version));
  else if (accepted.as === 'Table' && stored && resource) send(tableOf(resource.definition, [stored], tableOptions(sending)));
  else if (stored) {
    context.audit?.responded(() => answer.object);
    sendBytes(response, { code, body: storedBody(stored, accepted), type: accepted.type });
  } else send(answer.object);
}

const lineEnd = Buffer.from('\n');

function storedBody(stored: CachedObject, accepted: Accepted): Buffer {
  if (accepted.type !== protobufType) return reencoded(Buffer.concat([stored.json, lineEnd]), accepted);
  const { apiVersion = '', kind = '' } = stored.object;
  return protobufObject({ apiVersion, kind }, stored.message);
}

/** Longer lists are sent piece by piece. */
const manyBytes = 4 * 1024 * 1024;

export async function sendList(sending: Sending, answer: ListAnswer): Promise<void> {
  const { response, accepted, context } = sending;
  setWarnings(response, context.warnings);
  if (accepted.as === 'object' && accepted.type === 'application/json' && !accepted.pretty && !context.audit && !acceptsGzip(response)) {
    const body = listPieces(answer);
    if (body.length > manyBytes) return sendPieces(response, { code: 200, body, type: accepted.type });
  }
  sendBytes(response, { code: 200, body: listBodyOf(sending, answer), type: accepted.type });
}

function listBodyOf(sending: Sending, answer: ListAnswer): Buffer {
  const { accepted, context } = sending;
  const { definition } = answer.target.served;
  const encoded = (value: object): Buffer => {
    context.audit?.responded(() => value);
    return encodedBody(value, accepted);
  };
  switch (accepted.as) {
    case 'Table': {
      const { items, ...list } = answer;
      return encoded(tableOf(definition, items, { ...tableOptions(sending), list }));
    }
    case 'PartialObjectMetadataList':
      return encoded(partialMetadataList(answer, accepted.version));
    case 'PartialObjectMetadata':
      throw wrongPartial(`you requested PartialObjectMetadata, but the requested object is a list (*${goName(definition.info)}List)`);
    case 'object':
      context.audit?.responded(() => JSON.parse(listBody(answer).toString()));
      return accepted.type === protobufType ? protobufListBody(answer) : reencoded(listBody(answer), accepted);
  }
}

const tableOptions = ({ accepted, nowMs, query }: Sending): { version: string; nowMs: number; includeObject: string } => ({
  version: accepted.version,
  nowMs,
  includeObject: includeObjectOf(query),
});

const wrongPartial = (message: string): StatusError => {
  const error = notAcceptable([]);
  return new StatusError({ ...error.status, message });
};

const goName = ({ group, kind }: { group: string; kind: string }): string => `${group === '' ? 'core' : group.split('.')[0]}.${kind}`;

const includeObjectValues = ['', 'Metadata', 'Object', 'None'];

export function includeObjectOf(query: URLSearchParams): string {
  const value = query.get('includeObject') ?? '';
  if (!includeObjectValues.includes(value))
    throw badRequest(
      `Unable to convert to Table as requested: includeObject: Invalid value: "${value}": must be 'Metadata', 'Object', 'None', or empty`,
    );
  return value;
}
