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
  /** As it is kept, once it is stored: the writer and the cache share it. */
  kept?: CachedObject;
}

/** Encodes an object for the store. The object must not change afterwards. */
export function encodeObject(object: ApiObject): EncodedObject {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = metadata;
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},${metadataStart}`;
  const metaText = JSON.stringify(meta);
  const restText = JSON.stringify(rest);
  const body = restText === '{}' ? '}' : `,${restText.slice(1)}`;
  return { object, bytes: alone(Buffer.from(head + metaText.slice(1) + body)), splice: Buffer.byteLength(head) };
}

/**
 * The same bytes in memory of their own, for what is kept. Node cuts small buffers out of shared pieces of 64 KiB, and messages of a
 * network lie in one piece too: each of these stays as long as anything in it does, however small.
 */
export function alone(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/**
 * One version of an object: its key, its JSON, and its frozen value. The value is many times as large as the JSON: where nobody
 * asks for it, it is let go, and made again when somebody does.
 */
export class CachedObject {
  private value: ApiObject | undefined;
  private letGo: WeakRef<ApiObject> | undefined;
  private used = true;
  /** JSON; with the resource version once that was asked for. */
  private bytes: Buffer;
  /** How long the resource version is in `bytes`. */
  private versionLength = 0;
  private readonly splice: number;
  private messageBytes: Buffer | undefined;

  /** Revision 0: it is in no store, and has no version. */
  constructor(
    readonly key: string,
    readonly revision: number,
    { object, bytes, splice }: Pick<EncodedObject, 'bytes' | 'splice'> & Partial<Pick<EncodedObject, 'object'>>,
  ) {
    this.value = object && deepFreeze(withVersion(object, revision));
    this.bytes = alone(bytes);
    this.splice = splice;
  }

  /** An object that was just stored. */
  static stored(key: string, revision: number, encoded: EncodedObject): CachedObject {
    if (encoded.kept?.revision !== revision) encoded.kept = new CachedObject(key, revision, encoded);
    return encoded.kept;
  }

  /** From what the store holds; throws where that is no object. */
  static fromBytes(key: string, revision: number, value: Uint8Array): CachedObject {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const metadata = bytes.indexOf(metadataStart);
    if (metadata < 0) throw unreadable(key, bytes);
    return new CachedObject(key, revision, { bytes, splice: metadata + metadataStart.length });
  }

  get object(): ApiObject {
    this.used = true;
    this.value ??= this.letGo?.deref() ?? deepFreeze(JSON.parse(this.json.toString()) as ApiObject);
    return this.value;
  }

  /** Lets the value go if it was not asked for since the last call; who holds it goes on sharing it. */
  rest(): void {
    if (!this.used && this.value) {
      this.letGo = new WeakRef(this.value);
      this.value = undefined;
    }
    this.used = false;
  }

  /** The object as a member of a list or event: with its version. */
  get json(): Buffer {
    if (this.versionLength === 0 && this.revision > 0) {
      const version = Buffer.from(`"resourceVersion":"${this.revision}"${this.bytes[this.splice] === closingBrace ? '' : ','}`);
      this.bytes = alone(Buffer.concat([this.bytes.subarray(0, this.splice), version, this.bytes.subarray(this.splice)]));
      this.versionLength = version.length;
    }
    return this.bytes;
  }

  /** The object as an item of a list of built-in kinds: without kind and apiVersion. */
  get item(): Buffer {
    const head = this.splice - metadataStart.length;
    return this.json.subarray(head);
  }

  /** The object as a protobuf message, made for the first client that wants it. Custom kinds have none. */
  get message(): Buffer {
    const { apiVersion = '', kind = '' } = this.object;
    this.messageBytes ??= alone(encodeMessage(schemaIdOf(apiVersion, kind) ?? '', this.object));
    return this.messageBytes;
  }

  /** The same value with another version: what a DELETED event carries. */
  atRevision(revision: number): CachedObject {
    const after = this.splice + this.versionLength;
    const bytes = this.versionLength ? Buffer.concat([this.bytes.subarray(0, this.splice), this.bytes.subarray(after)]) : this.bytes;
    return new CachedObject(this.key, revision, { object: this.object, bytes, splice: this.splice });
  }
}

/** Why a value of the store is no object: one that is sealed needs the keys that it was sealed by. */
function unreadable(key: string, value: Buffer): Error {
  const sealed = value.toString('latin1', 0, sealedPrefix.length) === sealedPrefix;
  return new Error(
    sealed
      ? `the value of ${key} is encrypted: start with --encryption-provider-config and the keys that it was written under`
      : `the value of ${key} is no object`,
  );
}

const closingBrace = '}'.charCodeAt(0);

function withVersion(object: ApiObject, revision: number): ApiObject {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata: revision > 0 ? { ...metadata, resourceVersion: String(revision) } : metadata };
}
