// API values as bodies: JSON, YAML or protobuf.
import { encodeMessage, type KubernetesObject, protobufList, protobufObject, schemaIdOf, sortedKeys } from '@steersman/api';
import { stringify } from 'yaml';
import { protobufType } from '../request/body-parser.js';
import type { MediaType } from './accept.js';

export interface BodyForm {
  readonly type: MediaType;
  /** JSON is indented. */
  readonly pretty?: boolean;
}

/** A value as the media type asked for. */
export function encodedBody(value: object, { type, pretty = false }: BodyForm): Buffer {
  switch (type) {
    case 'application/json':
      return Buffer.from(pretty ? JSON.stringify(value, undefined, 2) : `${JSON.stringify(value)}\n`);
    case 'application/yaml':
      return Buffer.from(stringify(sortedKeys(value), { version: '1.1', lineWidth: 0, indentSeq: false }));
    case protobufType:
      return protobufBody(value as KubernetesObject);
  }
}

/** JSON as the media type asked for. */
export const reencoded = (json: Buffer, form: BodyForm): Buffer =>
  form.type === 'application/json' && !form.pretty ? json : encodedBody(JSON.parse(json.toString()) as object, form);

interface ItemList extends KubernetesObject {
  readonly items: readonly object[];
}

/** Lists that are made for an answer, with the messages of their items. Those of whole objects are joined from what is cached, elsewhere. */
const itemMessages: Readonly<Record<string, string>> = {
  PartialObjectMetadataList: 'meta.v1.PartialObjectMetadata',
  APIGroupDiscoveryList: 'apidiscovery.v2.APIGroupDiscovery',
};

/** A value in its envelope. */
export function protobufBody(value: KubernetesObject): Buffer {
  const { apiVersion = '', kind = '' } = value;
  const type = { apiVersion, kind };
  const itemMessage = itemMessages[kind];
  if (!itemMessage) return protobufObject(type, encodeMessage(messageOf(type), value));
  const { metadata, items } = value as ItemList;
  return protobufList(
    type,
    metadata ?? {},
    items.map((item) => encodeMessage(itemMessage, item)),
  );
}

/** The message of a kind; those that belong to no group have the same name everywhere. */
const messageOf = ({ apiVersion, kind }: { apiVersion: string; kind: string }): string => schemaIdOf(apiVersion, kind) ?? `meta.v1.${kind}`;
