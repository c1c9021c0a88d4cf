// What the client wants to be answered in: JSON, YAML or protobuf; whole objects, Tables or metadata only.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
import type { IncomingMessage } from 'node:http';
import { StatusError } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import type { HandlerTools } from '../handler/handler-tools.js';
import { protobufType } from '../request/body-parser.js';
import { type AcceptClause, acceptClauses } from './accept-clauses.js';

export type MediaType = 'application/json' | 'application/yaml' | typeof protobufType;
export type Representation = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly type: MediaType;
  readonly as: Representation;
  /** The meta.k8s.io version asked for. */
  readonly version: string;
  /** JSON is indented. */
  readonly pretty: boolean;
}

/** What is asked: a watch is a stream, and custom resources have no protobuf. */
export interface Asked {
  readonly stream?: boolean;
  readonly custom?: boolean;
}

const servedTypes: readonly MediaType[] = ['application/json', 'application/yaml', protobufType];
const streamTypes = ['application/json;stream=watch', `${protobufType};stream=watch`];
const representations = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError({ code: 406, reason: 'NotAcceptable', message: `only the following media types are accepted: ${accepted.join(', ')}` });

/** Nothing of what the client accepts is known at all. */
const unknownTypes = (available: readonly string[]): StatusError =>
  new StatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
    details: {},
  });

/** The best clause of a request's Accept header that can be served; throws 406 where there is none. */
export function negotiate(request: IncomingMessage, { stream = false, custom = false }: Asked = {}): Accepted {
  const header = request.headers.accept;
  const pretty = isPretty(request);
  if (!header || header === 'application/json' || header === '*/*') return { type: 'application/json', as: 'object', version: 'v1', pretty };
  if (!custom && !isKnown(header)) throw unknownTypes(stream ? [...servedTypes, ...streamTypes] : servedTypes);
  for (const clause of acceptClauses(header)) {
    for (const type of servedTypes) {
      const as = matches(clause, type) && representationOf(clause, type, custom);
      if (!as) continue;
      if (stream && type === 'application/yaml') throw notAcceptable(streamTypes);
      return { type, as, version: clause.parameters.get('v') ?? 'v1', pretty: pretty || clause.parameters.get('pretty') === '1' };
    }
  }
  throw notAcceptable(servedTypes);
}

/** The same for a resource. Throws 406. */
export function acceptedOf(
  { registry }: Pick<HandlerTools, 'registry'>,
  request: IncomingMessage,
  { group, version, resource, subresource }: ResourcePath,
  asked: Asked,
): Accepted {
  const custom = registry.find(group, version, resource)?.definition.custom ?? false;
  // Scale is a built-in kind whatever it scales.
  return negotiate(request, { ...asked, custom: custom && subresource !== 'scale' });
}

/** The media type of what has no other representations, such as a Status; undefined where none is acceptable. */
export function plainTypeOf(header: string | undefined): MediaType | undefined {
  if (!header) return 'application/json';
  for (const clause of acceptClauses(header)) {
    const type = servedTypes.find((one) => matches(clause, one) && streams(clause, one));
    if (type && !converts(clause)) return type;
  }
  return undefined;
}

/** The media type of a discovery document; throws 406 where none is acceptable. */
export function documentType(request: IncomingMessage): MediaType {
  const { accept } = request.headers;
  if (accept && !isKnown(accept)) throw unknownTypes(servedTypes);
  const type = plainTypeOf(accept);
  if (!type) throw notAcceptable(servedTypes);
  return type;
}

/** The media type in which discovery is wanted in its aggregated form; undefined where the old form is. */
export function aggregatedTypeOf(header: string | undefined): MediaType | undefined {
  for (const clause of acceptClauses(header ?? '*/*')) {
    const type = servedTypes.find((one) => matches(clause, one));
    if (!type) continue;
    if (!converts(clause)) return undefined;
    const { parameters } = clause;
    const isDiscovery = parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io';
    if (isDiscovery && parameters.get('v') === 'v2') return type;
  }
  return undefined;
}

const humans = ['curl', 'Wget', 'Mozilla/5.0'];

/** Whether JSON is to be indented: as the query has it, else for clients behind which somebody reads. */
export function isPretty({ url = '', headers }: IncomingMessage): boolean {
  const asked = url.includes('pretty') ? new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('pretty') : null;
  if (asked) return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(asked);
  const agent = headers['user-agent'];
  return agent !== undefined && humans.some((name) => agent.startsWith(name));
}

/** Whether any range of the header names a type exactly, or any type at all: others are not looked at. */
const isKnown = (header: string): boolean =>
  header.split(',').some((range) => {
    const media = range.split(';')[0]!.trim();
    return media === '*/*' || servedTypes.some((type) => type === media);
  });

const matches = ({ type, subtype }: AcceptClause, media: MediaType): boolean =>
  media === `${type}/${subtype}` || (subtype === '*' && (type === '*' || type === 'application'));

const converts = ({ parameters }: AcceptClause): boolean => parameters.has('as') || parameters.has('g') || parameters.has('v');

const streams = ({ parameters }: AcceptClause, type: MediaType): boolean => {
  const stream = parameters.get('stream');
  return stream === undefined || (stream === 'watch' && type !== 'application/yaml');
};

function representationOf(clause: AcceptClause, type: MediaType, custom: boolean): Representation | undefined {
  if (!streams(clause, type)) return undefined;
  if (!converts(clause)) return custom && type === protobufType ? undefined : 'object';
  const { parameters } = clause;
  const as = parameters.get('as') ?? '';
  const isKnownVersion = parameters.get('v') === 'v1' || parameters.get('v') === 'v1beta1';
  if (parameters.get('g') !== 'meta.k8s.io' || !isKnownVersion || !representations.has(as)) return undefined;
  return as === 'Table' && type === protobufType ? undefined : (as as Representation);
}
