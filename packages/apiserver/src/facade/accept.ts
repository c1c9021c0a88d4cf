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

export const servedTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;

/** The first media range of an Accept header that can be served; throws 406 where there is none. */
export function parseAccept(header: string | undefined): Accepted {
  if (!header || header === 'application/json' || header === '*/*') return whole;
  for (const range of header.split(',')) {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim());
    const type = mediaTypeOf(media.toLowerCase());
    if (!type) continue;
    const parsed = new Map(parameters.map((parameter) => parameter.split('=').map((part) => part.trim()) as [string, string]));
    const as = parsed.get('as');
    if (as === undefined) return { ...whole, type };
    if (parsed.get('g') === 'meta.k8s.io' && representations.has(as) && (parsed.get('v') === 'v1' || parsed.get('v') === 'v1beta1'))
      return { type, as: as as Representation, version: parsed.get('v') ?? 'v1' };
  }
  throw notAcceptable(servedTypes);
}

function mediaTypeOf(media: string): MediaType | undefined {
  if (media === 'application/json' || media === '*/*' || media === 'application/*') return 'application/json';
  if (media === 'application/yaml') return 'application/yaml';
  return undefined;
}
