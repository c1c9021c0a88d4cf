// An OpenAPI v2 document in protocol buffers, by the description in proto/openapi-v2.proto.
import { readFile } from 'node:fs/promises';
import protobufjs from 'protobufjs';
import type { JsonSchema } from './schemas.js';

type Message = Record<string, unknown>;
type Named = { readonly name: string; readonly value: Message };

let documentType: Promise<protobufjs.Type> | undefined;

async function loadType(): Promise<protobufjs.Type> {
  const text = await readFile(new URL('../../proto/openapi-v2.proto', import.meta.url), 'utf8');
  return protobufjs.parse(text, { keepCase: true }).root.lookupType('openapi.v2.Document');
}

/** The document as bytes. */
export async function swaggerProtobuf(document: JsonSchema): Promise<Buffer> {
  documentType ??= loadType();
  const type = await documentType;
  return Buffer.from(type.encode(documentMessage(document)).finish());
}

const named = (values: unknown, message: (value: JsonSchema) => Message): Named[] =>
  Object.entries((values as Record<string, JsonSchema> | undefined) ?? {}).map(([name, value]) => ({ name, value: message(value) }));

const anyOf = (value: unknown): Message => ({ yaml: `${JSON.stringify(value)}\n` });

/** What begins with x-, each as YAML, of which JSON is a part. */
const extensions = (value: JsonSchema): Message[] =>
  Object.entries(value)
    .filter(([keyword]) => keyword.startsWith('x-'))
    .map(([name, inner]) => ({ name, value: anyOf(inner) }));

const documentMessage = ({ swagger, info, paths, definitions, parameters, security, securityDefinitions }: JsonSchema): Message => ({
  swagger,
  info,
  paths: { path: named(paths, pathMessage) },
  definitions: { additional_properties: named(definitions, schemaMessage) },
  parameters: { additional_properties: named(parameters, parameterMessage) },
  security: (security as JsonSchema[]).map((one) => ({ additional_properties: named(one, (value) => ({ value })) })),
  security_definitions: { additional_properties: named(securityDefinitions, (value) => ({ api_key_security: value })) },
});

const pathMessage = ({ parameters = [], ...operations }: JsonSchema): Message => ({
  ...Object.fromEntries(Object.entries(operations).map(([method, one]) => [method, operationMessage(one as JsonSchema)])),
  parameters: (parameters as JsonSchema[]).map(parametersItem),
});

const operationMessage = (operation: JsonSchema): Message => {
  const { tags, description, operationId, produces, consumes, schemes, parameters = [], responses } = operation;
  return {
    tags,
    description,
    operation_id: operationId,
    produces,
    consumes,
    schemes,
    parameters: (parameters as JsonSchema[]).map(parametersItem),
    responses: { response_code: named(responses, responseMessage) },
    vendor_extension: extensions(operation),
  };
};

const responseMessage = ({ description, schema }: JsonSchema): Message => ({
  response: { description, ...(schema !== undefined && { schema: { schema: schemaMessage(schema as JsonSchema) } }) },
});

const parametersItem = (parameter: JsonSchema): Message =>
  '$ref' in parameter ? { json_reference: { _ref: parameter['$ref'] } } : { parameter: parameterMessage(parameter) };

function parameterMessage({ uniqueItems, schema, ...rest }: JsonSchema): Message {
  if (rest['in'] === 'body') return { body_parameter: { ...rest, schema: schemaMessage(schema as JsonSchema) } };
  const message = { ...rest, unique_items: uniqueItems };
  return { non_body_parameter: rest['in'] === 'path' ? { path_parameter_sub_schema: message } : { query_parameter_sub_schema: message } };
}

const renamed: Readonly<Record<string, string>> = {
  $ref: '_ref',
  multipleOf: 'multiple_of',
  exclusiveMaximum: 'exclusive_maximum',
  exclusiveMinimum: 'exclusive_minimum',
  maxLength: 'max_length',
  minLength: 'min_length',
  maxItems: 'max_items',
  minItems: 'min_items',
  uniqueItems: 'unique_items',
  maxProperties: 'max_properties',
  minProperties: 'min_properties',
  externalDocs: 'external_docs',
};

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

function schemaMessage(schema: JsonSchema): Message {
  const { type, items, properties, additionalProperties, enum: values, example, ...rest } = schema;
  const plain = Object.entries(rest).filter(([keyword]) => !keyword.startsWith('x-'));
  return {
    ...Object.fromEntries(plain.map(([keyword, value]) => [renamed[keyword] ?? keyword, value])),
    ...(type !== undefined && { type: { value: [type] } }),
    ...(isObject(items) && { items: { schema: [schemaMessage(items)] } }),
    ...(properties !== undefined && { properties: { additional_properties: named(properties, schemaMessage) } }),
    ...(additionalProperties !== undefined && {
      additional_properties: isObject(additionalProperties) ? { schema: schemaMessage(additionalProperties) } : { boolean: additionalProperties },
    }),
    ...(Array.isArray(values) && { enum: values.map(anyOf) }),
    ...(example !== undefined && { example: anyOf(example) }),
    vendor_extension: extensions(schema),
  };
}
