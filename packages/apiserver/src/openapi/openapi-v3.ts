// The OpenAPI v3 documents: an index, one document for each group version, made when first asked for, and those of other paths.
// kubectl reads them for explain, for apply, and to learn that the server validates fields.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadOpenApiFacts, type ResourceInfo, sortedKeys } from '@steersman/api';
import { type CustomResource, documentOf } from './document.js';
import { builtInDocuments } from './other-paths.js';
import { pathOf } from './resource-paths.js';

export interface Document {
  readonly text: string;
  readonly hash: string;
}

export interface OpenApiOptions {
  readonly custom: () => readonly CustomResource[];
  /** Documents of other servers, by name. */
  readonly remote?: () => ReadonlyMap<string, string>;
  /** Whether the deletion of an object answers with it rather than with a Status. */
  readonly returnsDeleted?: (info: ResourceInfo) => boolean;
}

interface Made {
  protobuf?: Promise<Buffer>;
  /** The custom resources, or the document of another server, it was made of. */
  readonly of: readonly (CustomResource | string)[];
  readonly document: Promise<Document>;
}

/** Whether a document was made of the very same things. */
export const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((one, index) => one === b[index]);

export const hashOf = (text: string): string => createHash('sha512').update(text).digest('hex').toUpperCase();

export class OpenApiV3 {
  private readonly made = new Map<string, Made>();

  constructor(private readonly options: OpenApiOptions) {}

  /** /openapi/v3 */
  async index(): Promise<object> {
    const paths: Record<string, object> = {};
    // One after the other: other requests come between.
    for (const name of [...this.names()].sort()) paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${(await this.document(name)).hash}` };
    return { paths };
  }

  /** /openapi/v3/NAME, such as api/v1 or apis/apps/v1. */
  document(name: string): Promise<Document> {
    return this.current(name).document;
  }

  /** The same in protocol buffers. */
  protobuf(name: string): Promise<Buffer> {
    const made = this.current(name);
    made.protobuf ??= made.document.then(async ({ text }) => (await import('./v3-protobuf.js')).v3Protobuf(JSON.parse(text)));
    return made.protobuf;
  }

  private current(name: string): Made {
    const remote = this.options.remote?.().get(name);
    const custom = this.options.custom().filter(({ info }) => pathOf(info) === name);
    const of = remote === undefined ? custom : [remote];
    const before = this.made.get(name);
    if (before && isSame(before.of, of)) return before;
    const made = { of, document: remote === undefined ? this.make(name, custom) : Promise.resolve({ text: remote, hash: hashOf(remote) }) };
    this.made.set(name, made);
    return made;
  }

  serves(name: string): boolean {
    return this.names().has(name);
  }

  private names(): Set<string> {
    return new Set([...builtInDocuments(), ...this.options.custom().map(({ info }) => pathOf(info)), ...(this.options.remote?.().keys() ?? [])]);
  }

  private async make(name: string, custom: readonly CustomResource[]): Promise<Document> {
    await nextTurn();
    const { returnsDeleted } = this.options;
    const document = documentOf(await loadOpenApiFacts(), name, { custom, ...(returnsDeleted && { returnsDeleted }) });
    const text = JSON.stringify(sortedKeys(document));
    return { text, hash: hashOf(text) };
  }
}
