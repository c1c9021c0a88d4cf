// The paths in OpenAPI documents that are about no resource: discovery, the version, the issuer of tokens.
import { builtinResources } from '@steersman/api';
import { answers, documentTypes, tagOf, wordOf } from './operations.js';
import { pathOf } from './resource-paths.js';
import type { JsonSchema, SchemaCollector } from './schemas.js';

interface Described {
  readonly what: string;
  readonly operationId: string;
  readonly tag: string;
  readonly types: readonly string[];
  readonly schema: (collector: SchemaCollector) => JsonSchema;
}

const text = (): JsonSchema => ({ type: 'string' });
const definition =
  (id: string): Described['schema'] =>
  (collector) =>
    collector.add(id);

/** Documents of paths that belong to no group. */
const others: Readonly<Record<string, Described>> = {
  '.well-known/openid-configuration': {
    what: 'the configuration of the issuer of service account tokens',
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    types: ['application/json'],
    schema: text,
  },
  api: {
    what: 'the versions of the core group',
    operationId: 'getCoreAPIVersions',
    tag: 'core',
    types: documentTypes,
    schema: definition('meta.v1.APIVersions'),
  },
  apis: { what: 'the groups', operationId: 'getAPIVersions', tag: 'apis', types: documentTypes, schema: definition('meta.v1.APIGroupList') },
  'openid/v1/jwks': {
    what: 'the keys of the issuer of service account tokens',
    operationId: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    types: ['application/jwk-set+json'],
    schema: text,
  },
  version: {
    what: 'the version of the server',
    operationId: 'getCodeVersion',
    tag: 'version',
    types: ['application/json'],
    schema: definition('version.Info'),
  },
};

/** The names of all documents about what is built in. */
export const builtInDocuments = (): string[] => {
  const ofGroups = builtinResources.flatMap((info) => (info.group ? [`apis/${info.group}`, pathOf(info)] : [pathOf(info)]));
  return [...new Set([...Object.keys(others), ...ofGroups])];
};

/** The path of a document that says what there is below it: of a group, a group version, or one that belongs to none. */
export function describingPath(name: string, collector: SchemaCollector): Record<string, JsonSchema> {
  const { what, operationId, tag, types, schema } = others[name] ?? discoveryOf(name);
  return { [`/${name}/`]: { get: { description: `get ${what}`, tags: [tag], operationId, responses: answers(types, schema(collector)) } } };
}

function discoveryOf(name: string): Described {
  const [root, first = '', second] = name.split('/');
  const [group, version] = root === 'api' ? ['', first] : [first, second];
  const tag = tagOf({ group, ...(version && { version }) });
  const kind = version ? 'APIResourceList' : 'APIGroup';
  return {
    what: version ? 'the resources of the group version' : 'the versions of the group',
    operationId: `get${wordOf(tag)}${version ? 'APIResources' : 'APIGroup'}`,
    tag,
    types: documentTypes,
    schema: definition(`meta.v1.${kind}`),
  };
}
