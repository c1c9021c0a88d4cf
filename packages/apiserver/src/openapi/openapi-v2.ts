// The OpenAPI v2 document: one for everything that is served, made of the v3 documents when it is asked for. What is built in is
// turned over once and kept as text; custom resources are put between when they change.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadOpenApiFacts, sortedKeys } from '@steersman/api';
import { versionInfo } from '../version.js';
import { bearerToken, type CustomResource, documentOf } from './document.js';
import { type Document, hashOf, type OpenApiOptions } from './openapi-v3.js';
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
  /** The custom resources it was made of. */
  readonly of: readonly CustomResource[];
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
    const of = this.options.custom();
    const { made } = this;
    if (made && made.of.length === of.length && made.of.every((one, index) => one === of[index])) return made;
    this.made = { of, document: this.make(of) };
    return this.made;
  }

  private async make(custom: readonly CustomResource[]): Promise<Document> {
    this.builtIn ??= this.partsOf(builtInDocuments(), []);
    const builtIn = await this.builtIn;
    const names = new Set(custom.map(({ info }) => pathOf(info)));
    const text = joined(builtIn, await this.partsOf([...names], custom));
    return { text, hash: hashOf(text) };
  }

  private async partsOf(names: readonly string[], custom: readonly CustomResource[]): Promise<Parts> {
    const facts = await loadOpenApiFacts();
    const shared = new SharedParameters();
    const paths = new Map<string, string>();
    const definitions = new Map<string, string>();
    for (const name of names) {
      await nextTurn();
      const { returnsDeleted } = this.options;
      const own = custom.filter(({ info }) => pathOf(info) === name);
      const document = documentOf(facts, name, { custom: own, ...(returnsDeleted && { returnsDeleted }) });
      for (const [path, item] of Object.entries(document.paths)) paths.set(path, textOf(swaggerPath(item, shared)));
      for (const [id, schema] of Object.entries(document.components.schemas ?? {}))
        if (!definitions.has(id)) definitions.set(id, textOf(swaggerDefinition(id, schema)));
    }
    return { paths, definitions, parameters: new Map([...shared.all].map(([name, parameter]) => [name, textOf(parameter)])) };
  }
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
