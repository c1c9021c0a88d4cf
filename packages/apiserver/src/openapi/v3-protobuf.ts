// An OpenAPI v3 document in protocol buffers, by the description in proto/openapi-v3.proto.
import { anyOf, encodeDocument, extensions, isObject, type Message, named, plainKeywords } from './protobuf-messages.js';
import type { JsonSchema } from './schemas.js';

/** The document as bytes. */
export const v3Protobuf = (document: JsonSchema): Promise<Buffer> => encodeDocument('v3', documentMessage(document));

function documentMessage({ openapi, info, paths, components }: JsonSchema): Message {
  const { schemas, securitySchemes } = components as JsonSchema;
  return {
    openapi,
    info,
    paths: { path: named(paths, pathMessage) },
    components: {
      ...(schemas !== undefined && { schemas: { additional_properties: named(schemas, schemaOrReference) } }),
      ...(securitySchemes !== undefined && {
        security_schemes: { additional_properties: named(securitySchemes, (value) => ({ security_scheme: value })) },
      }),
    },
  };
}

const pathMessage = ({ parameters, ...operations }: JsonSchema): Message => ({
  ...Object.fromEntries(Object.entries(operations).map(([method, one]) => [method, operationMessage(one as JsonSchema)])),
  parameters: parametersOf(parameters),
});

const parametersOf = (parameters: unknown): Message[] =>
  ((parameters as JsonSchema[] | undefined) ?? []).map((one) => ({ parameter: { ...one, schema: schemaOrReference(one['schema'] as JsonSchema) } }));

function operationMessage(operation: JsonSchema): Message {
  const { tags, description, operationId, parameters, requestBody, responses } = operation;
  return {
    tags,
    description,
    operation_id: operationId,
    parameters: parametersOf(parameters),
    ...(isObject(requestBody) && { request_body: { request_body: withContent(requestBody) } }),
    responses: { response_or_reference: named(responses, (response) => ({ response: withContent(response) })) },
    specification_extension: extensions(operation),
  };
}

const withContent = ({ content, ...rest }: JsonSchema): Message => ({
  ...rest,
  ...(content !== undefined && {
    content: { additional_properties: named(content, ({ schema }) => ({ schema: schemaOrReference(schema as JsonSchema) })) },
  }),
});

const schemaOrReference = (schema: JsonSchema): Message =>
  typeof schema['$ref'] === 'string' ? { reference: { _ref: schema['$ref'] } } : { schema: schemaMessage(schema) };

const allOf = (schemas: unknown): Message[] => ((schemas as JsonSchema[] | undefined) ?? []).map(schemaOrReference);

function schemaMessage(schema: JsonSchema): Message {
  const {
    items,
    properties,
    additionalProperties,
    allOf: all,
    oneOf: one,
    anyOf: any,
    not,
    enum: values,
    example,
    default: fallback,
    ...rest
  } = schema;
  return {
    ...plainKeywords(rest),
    ...(isObject(items) && { items: { schema_or_reference: [schemaOrReference(items)] } }),
    ...(properties !== undefined && { properties: { additional_properties: named(properties, schemaOrReference) } }),
    ...(additionalProperties !== undefined && {
      additional_properties: isObject(additionalProperties)
        ? { schema_or_reference: schemaOrReference(additionalProperties) }
        : { boolean: additionalProperties },
    }),
    all_of: allOf(all),
    one_of: allOf(one),
    any_of: allOf(any),
    ...(isObject(not) && { not: schemaMessage(not) }),
    ...(Array.isArray(values) && { enum: values.map(anyOf) }),
    ...(example !== undefined && { example: anyOf(example) }),
    ...defaultOf(fallback),
    specification_extension: extensions(schema),
  };
}

function defaultOf(value: unknown): Message {
  switch (typeof value) {
    case 'string':
      return { default: { string: value } };
    case 'number':
      return { default: { number: value } };
    case 'boolean':
      return { default: { boolean: value } };
    default:
      return {};
  }
}
