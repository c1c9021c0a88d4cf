// An object as the server keeps it: encoded once when it is written, the same bytes for every GET, LIST and WATCH.
// The store holds the JSON without its resource version; the version is spliced in once, when it is known.
import { deepFreeze, encodeMessage, type KubernetesObject, type ObjectMeta, schemaIdOf } from '@steersman/api';

/** An API object with the metadata that everything stored has. */
export type ApiObject = KubernetesObject & { metadata: ObjectMeta } & { [field: string]: unknown };

const sealedPrefix = 'k8s:enc:';
const metadataStart = '"metadata":{';

/** An object encoded for the store, before its revision is known. */
export interface EncodedObject {
  readonly object: ApiObject;
  /** What the store holds: the whole JSON, without metadata.resourceVersion. */
  readonly bytes: Buffer;
  /** Where in `bytes` the first field of metadata begins. */
  readonly splice: number;
}

/** Encodes an object for the store. The object must not change afterwards. */
export function encodeObject(object: ApiObject): EncodedObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = metadata;
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},${metadataStart}`;
  const metaText = JSON.stringify(meta);
  const restText = JSON.stringify(rest);
  const body = restText === '{}' ? '}' : `,${restText.slice(1)}`;
  return { object, bytes: Buffer.from(head + metaText.slice(1) + body), splice: Buffer.byteLength(head) };
}

/** One version of an object: its frozen value, its key, and its JSON with the resource version in place. */
export class CachedObject {
  readonly object: ApiObject;
  private readonly stored: Buffer;
  private readonly splice: number;
  private memberBytes: Buffer | undefined;
  private messageBytes: Buffer | undefined;

  constructor(
    readonly key: string,
    readonly revision: number,
    encoded: EncodedObject,
  ) {
    this.object = deepFreeze(withVersion(encoded.object, revision));
    this.stored = encoded.bytes;
    this.splice = encoded.splice;
  }

  /** From what the store holds. */
  static fromBytes(key: string, revision: number, bytes: Uint8Array): CachedObject {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const object = parsed(key, buffer);
    return new CachedObject(key, revision, { object, bytes: buffer, splice: buffer.indexOf(metadataStart) + metadataStart.length });
  }

  /** The object as a member of a list or event: with its version. */
  get json(): Buffer {
    this.memberBytes ??= Buffer.concat([
      this.stored.subarray(0, this.splice),
      Buffer.from(`"resourceVersion":"${this.revision}"${this.stored[this.splice] === closingBrace ? '' : ','}`),
      this.stored.subarray(this.splice),
    ]);
    return this.memberBytes;
  }

  /** The object as an item of a list of built-in kinds: without kind and apiVersion. */
  get item(): Buffer {
    const head = this.splice - metadataStart.length;
    return this.json.subarray(head);
  }

  /** The object as a protobuf message, made for the first client that wants it. Custom kinds have none. */
  get message(): Buffer {
    const { apiVersion = '', kind = '' } = this.object;
    this.messageBytes ??= encodeMessage(schemaIdOf(apiVersion, kind) ?? '', this.object);
    return this.messageBytes;
  }

  /** The same value with another version: what a DELETED event carries. */
  atRevision(revision: number): CachedObject {
    return new CachedObject(this.key, revision, { object: this.object, bytes: this.stored, splice: this.splice });
  }
}

/** What a value of the store says; one that is sealed needs the keys that it was sealed by. */
function parsed(key: string, value: Buffer): ApiObject {
  try {
    return JSON.parse(value.toString()) as ApiObject;
  } catch (cause) {
    if (value.toString('latin1', 0, sealedPrefix.length) === sealedPrefix)
      throw new Error(`the value of ${key} is encrypted: start with --encryption-provider-config and the keys that it was written under`);
    throw new Error(`the value of ${key} is no object`, { cause });
  }
}

const closingBrace = '}'.charCodeAt(0);

function withVersion(object: ApiObject, revision: number): ApiObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
