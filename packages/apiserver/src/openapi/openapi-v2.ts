// The OpenAPI v2 document: one for everything that is served, made of the v3 documents when it is asked for. What is built in is
// turned over once and kept as text; custom resources are put between when they change.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadOpenApiFacts, sortedKeys } from '@steersman/api';
import { versionInfo } from '../version.js';
import { bearerToken, type CustomResource, documentOf, type OpenApiDocument } from './document.js';
import { type Document, hashOf, isSame, type OpenApiOptions } from './openapi-v3.js';
import { builtInDocuments } from './other-paths.js';
import { pathOf } from './resource-paths.js';
import { SharedParameters, swaggerPath } from './swagger-paths.js';
import { swaggerDefinition } from './swagger-schemas.js';

/** The parts of a document, each as JSON by its name. */
interface Parts {
  readonly paths: ReadonlyMap<string, string>;
  readonly definitions: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
}

interface Made {
  /** The custom resources and the documents of other servers it was made of. */
  readonly of: readonly (CustomResource | string)[];
  readonly document: Promise<Document>;
  protobuf?: Promise<Buffer>;
}

export class OpenApiV2 {
  private builtIn: Promise<Parts> | undefined;
  private made: Made | undefined;

  constructor(private readonly options: OpenApiOptions) {}

  /** The document as JSON. */
  document(): Promise<Document> {
    return this.current().document;
  }

  /** The same in protocol buffers. */
  protobuf(): Promise<Buffer> {
    const made = this.current();
    made.protobuf ??= made.document.then(async ({ text }) => (await import('./swagger-protobuf.js')).swaggerProtobuf(JSON.parse(text)));
    return made.protobuf;
  }

  private current(): Made {
    const custom = this.options.custom();
    const remote = [...(this.options.remote?.().values() ?? [])];
    const of = [...custom, ...remote];
    const { made } = this;
    if (made && isSame(made.of, of)) return made;
    this.made = { of, document: this.make(custom, remote) };
    return this.made;
  }

  private async make(custom: readonly CustomResource[], remote: readonly string[]): Promise<Document> {
    this.builtIn ??= this.own(builtInDocuments(), []).then(partsOf);
    const builtIn = await this.builtIn;
    const names = new Set(custom.map(({ info }) => pathOf(info)));
    const others = remote.map((text) => JSON.parse(text) as OpenApiDocument);
    const text = joined(builtIn, await partsOf([...(await this.own([...names], custom)), ...others]));
    return { text, hash: hashOf(text) };
  }

  /** The v3 documents of this server, one after the other as they are asked for. */
  private async own(names: readonly string[], custom: readonly CustomResource[]): Promise<Iterable<OpenApiDocument>> {
    const facts = await loadOpenApiFacts();
    const { returnsDeleted } = this.options;
    return (function* () {
      for (const name of names) {
        const belonging = custom.filter(({ info }) => pathOf(info) === name);
        yield documentOf(facts, name, { custom: belonging, ...(returnsDeleted && { returnsDeleted }) });
      }
    })();
  }
}

async function partsOf(documents: Iterable<OpenApiDocument>): Promise<Parts> {
  const shared = new SharedParameters();
  const paths = new Map<string, string>();
  const definitions = new Map<string, string>();
  for (const { paths: items, components } of documents) {
    await nextTurn();
    for (const [path, item] of Object.entries(items)) paths.set(path, textOf(swaggerPath(item, shared)));
    for (const [id, schema] of Object.entries(components.schemas ?? {}))
      if (!definitions.has(id)) definitions.set(id, textOf(swaggerDefinition(id, schema)));
  }
  return { paths, definitions, parameters: new Map([...shared.all].map(([name, parameter]) => [name, textOf(parameter)])) };
}

const textOf = (value: unknown): string => JSON.stringify(sortedKeys(value));

/** Two sets of parts as one document; the first is the one that holds where both have a name. */
function joined(first: Parts, second: Parts): string {
  const object = (part: keyof Parts): string => {
    const all = new Map([...second[part], ...first[part]]);
    const entries = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
    return `{${entries.join(',')}}`;
  };
  const head = JSON.stringify({ swagger: '2.0', info: { title: 'Kubernetes', version: versionInfo.gitVersion } }).slice(0, -1);
  const security = JSON.stringify({ securityDefinitions: { BearerToken: bearerToken }, security: [{ BearerToken: [] }] }).slice(1);
  return `${head},"paths":${object('paths')},"definitions":${object('definitions')},"parameters":${object('parameters')},${security}`;
}
