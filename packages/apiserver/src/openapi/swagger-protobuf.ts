// An OpenAPI v2 document in protocol buffers, by the description in proto/openapi-v2.proto.
import { anyOf, encodeDocument, extensions, isObject, type Message, named, plainKeywords } from './protobuf-messages.js';
import type { JsonSchema } from './schemas.js';

/** The document as bytes. */
export const swaggerProtobuf = (document: JsonSchema): Promise<Buffer> => encodeDocument('v2', documentMessage(document));

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

function schemaMessage(schema: JsonSchema): Message {
  const { type, items, properties, additionalProperties, enum: values, example, ...rest } = schema;
  return {
    ...plainKeywords(rest),
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
