// Paths of OpenAPI v3 documents as OpenAPI v2 has them: bodies among the parameters, and those that many operations take written once.
import type { JsonSchema } from './schemas.js';
import { swaggerSchema } from './swagger-schemas.js';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

interface V3Operation {
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
  readonly [keyword: string]: unknown;
}

/** Parameters that operations share, by the names they have among the document's. */
export class SharedParameters {
  readonly all = new Map<string, JsonSchema>();
  private readonly names = new Map<string, string>();

  /** A reference to a parameter; itself where kubectl of old looks for it in the operation, or it belongs to one kind. */
  share(parameter: JsonSchema): JsonSchema {
    if (!isShared(parameter)) return parameter;
    const text = JSON.stringify(parameter);
    let name = this.names.get(text);
    if (name === undefined) {
      name = `${String(parameter['name'])}-${shortHash(text)}`;
      this.names.set(text, name);
      this.all.set(name, parameter);
    }
    return { $ref: `#/parameters/${name}` };
  }
}

const own = new Set(['name', 'fieldValidation', 'dryRun']);

function isShared({ name, in: place, schema }: JsonSchema): boolean {
  if (place === 'body') return String((schema as JsonSchema)['$ref']).startsWith('#/definitions/io.k8s.apimachinery');
  return !own.has(String(name));
}

/** FNV-1 of 64 bits, its first six bytes. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(hash);
  return bytes.subarray(0, 6).toString('base64url');
}

/** A path of a v3 document. */
export function swaggerPath({ parameters, ...methods }: JsonSchema, shared: SharedParameters): JsonSchema {
  const operations = Object.entries(methods).map(([method, one]) => [method, swaggerOperation(one as V3Operation, shared)] as const);
  const common = ((parameters as readonly JsonSchema[] | undefined) ?? []).map((one) => shared.share(swaggerParameter(one)));
  return { ...Object.fromEntries(operations), ...(common.length && { parameters: common }) };
}

function swaggerOperation({ parameters = [], requestBody, responses, ...rest }: V3Operation, shared: SharedParameters): JsonSchema {
  const body = requestBody && bodyParameter(requestBody);
  const all = [...(body ? [body] : []), ...parameters.map(swaggerParameter)].map((one) => shared.share(one));
  const produces = Object.keys(responses['200']?.content ?? { '*/*': {} });
  const isApi = 'x-kubernetes-action' in rest;
  // The documents of the issuer of tokens are no API objects.
  const isDocument = !isApi && '$ref' in (schemaIn(responses['200'] ?? {}) ?? {});
  return {
    ...rest,
    ...((isApi || isDocument) && { consumes: requestBody ? Object.keys(requestBody.content ?? {}) : isApi ? ['*/*'] : produces }),
    produces,
    schemes: ['https'],
    ...(all.length && { parameters: all }),
    responses: Object.fromEntries(Object.entries(responses).map(([code, response]) => [code, swaggerResponse(response)])),
  };
}

const schemaIn = ({ content }: Content): JsonSchema | undefined => Object.values(content ?? {})[0]?.schema;

function bodyParameter(body: NonNullable<V3Operation['requestBody']>): JsonSchema {
  return { name: 'body', in: 'body', ...(body.required && { required: true }), schema: swaggerSchema(schemaIn(body) ?? {}) };
}

function swaggerResponse(response: V3Operation['responses'][string]): JsonSchema {
  const schema = schemaIn(response);
  return { description: response.description, ...(schema && { schema: swaggerSchema(schema) }) };
}

const swaggerParameter = ({ schema, ...rest }: JsonSchema): JsonSchema => ({ ...rest, ...(schema as JsonSchema) });
