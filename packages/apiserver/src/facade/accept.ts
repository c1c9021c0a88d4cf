// What the client wants to be answered in: JSON or YAML, whole objects, Tables or metadata only.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
import { StatusError } from '@steersman/api';
import type { MediaType } from './response.js';

export type Representation = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly type: MediaType;
  readonly as: Representation;
  /** The meta.k8s.io version asked for. */
  readonly version: string;
}

const whole: Accepted = { type: 'application/json', as: 'object', version: 'v1' };

const representations = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError({ code: 406, reason: 'NotAcceptable', message: `only the following media types are accepted: ${accepted.join(', ')}` });

/** Nothing of what the client accepts is known at all. */
const unknownTypes = (): StatusError =>
  new StatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `406: Not Acceptable\n\nAvailable representations: ${servedTypes.join(', ')}`,
    details: {},
  });

export const servedTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;

/** The first media range of an Accept header that can be served; throws 406 where there is none. */
export function parseAccept(header: string | undefined): Accepted {
  if (!header || header === 'application/json' || header === '*/*') return whole;
  let known = false;
  for (const { media, parameters: parsed } of rangesOf(header)) {
    const type = mediaTypeOf(media);
    if (!type) continue;
    known = true;
    const as = parsed.get('as');
    if (as === undefined) return { ...whole, type };
    if (parsed.get('g') === 'meta.k8s.io' && representations.has(as) && (parsed.get('v') === 'v1' || parsed.get('v') === 'v1beta1'))
      return { type, as: as as Representation, version: parsed.get('v') ?? 'v1' };
  }
  throw known ? notAcceptable(servedTypes) : unknownTypes();
}

function rangesOf(header: string): { media: string; parameters: Map<string, string> }[] {
  return header.split(',').map((range) => {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim());
    const pairs = parameters.map((parameter) => parameter.split('=').map((part) => part.trim()) as [string, string]);
    return { media: media.toLowerCase(), parameters: new Map(pairs) };
  });
}

/** Whether discovery is wanted in its aggregated form; throws 406 where it is wanted in forms only that there are not. */
export function wantsAggregated(header: string | undefined): boolean {
  for (const { media, parameters } of rangesOf(header ?? '*/*')) {
    if (!mediaTypeOf(media)) continue;
    if (!parameters.has('as')) return false;
    const isDiscovery = parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io';
    if (isDiscovery && parameters.get('v') === 'v2') return true;
  }
  throw notAcceptable(servedTypes);
}

function mediaTypeOf(media: string): MediaType | undefined {
  if (media === 'application/json' || media === '*/*') return 'application/json';
  if (media === 'application/yaml') return 'application/yaml';
  return undefined;
}
