// Requests of every sort that the API knows, and of sorts that it does not: generated, to be sent as they are.
import { builtinResources, encodeMessage, groupVersion, protobufObject, type ResourceInfo, schemaIdOf, schemaOf } from '@steersman/api';
import fc from 'fast-check';
import { hostileName, hostileTree, hostileYaml } from './hostile.js';
import { overlaid, type Tree, textOf, treeOf } from './json-tree.js';
import { valuesOf } from './schema-objects.js';
import { crdGroup, soundObjects } from './sound-objects.js';

export type Caller = 'admin' | 'nobody' | 'anonymous';

export interface FuzzRequest {
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Latin-1, so that it can be printed and sent again. */
  readonly body: string;
}

export const namespace = 'fuzz';

const widgets: ResourceInfo = {
  group: crdGroup,
  version: 'v1',
  resource: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  namespaced: true,
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  shortNames: [],
  categories: [],
  subresources: ['status', 'scale'].map((name) => ({ name, kind: name === 'scale' ? 'Scale' : 'Widget', verbs: ['get', 'patch', 'update'] })),
};

/** Kinds that could stop all other requests, or make each of them wait for a server that is not there: asked of as dry runs. */
const meddling = new Set(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']);

const resources = [...builtinResources, ...Array.from({ length: 8 }, () => widgets)];
const names = ['a', 'b', 'c'];

const segment = (text: string): string => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
};

const rarely = (sound: fc.Arbitrary<string>, odd: fc.Arbitrary<string>, percent: number): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: sound, weight: 100 - percent }, { arbitrary: odd, weight: percent });

const nameIn = ({ resource }: ResourceInfo): fc.Arbitrary<string> =>
  rarely(fc.constantFrom(...(resource === 'namespaces' ? ['one', 'two'] : names)), hostileName, 5);

interface Target {
  readonly info: ResourceInfo;
  readonly method: string;
  readonly named: boolean;
  readonly path: string;
  readonly name: string;
  readonly subresource: string | undefined;
}

const target: fc.Arbitrary<Target> = fc.constantFrom(...resources).chain((info) =>
  fc
    .record({
      method: fc.oneof(
        { arbitrary: fc.constantFrom('POST', 'PUT', 'PATCH', 'GET'), weight: 12 },
        { arbitrary: fc.constantFrom('PATCH', 'PATCH', 'DELETE'), weight: 5 },
        { arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'), weight: 1 },
      ),
      name: nameIn(info),
      where: rarely(fc.constant(namespace), fc.oneof(fc.constantFrom('default', 'missing', 'kube-system'), hostileName), 5),
      collection: fc.integer({ min: 0, max: 9 }),
      subresource: fc.option(
        rarely(
          fc.constantFrom(...info.subresources.map(({ name }) => name), 'status'),
          fc.oneof(fc.constantFrom('scale', 'proxy', 'x'), hostileName),
          15,
        ),
        { freq: 4, nil: undefined },
      ),
      watchPrefix: fc.integer({ min: 0, max: 40 }),
    })
    .map(({ method, name, where, collection, subresource, watchPrefix }) => {
      const named = method === 'POST' ? subresource !== undefined : method === 'GET' || method === 'DELETE' ? collection > 3 : collection > 0;
      const root = info.group ? `/apis/${info.group}/${info.version}` : '/api/v1';
      const scope = info.namespaced && collection !== 5 ? `/namespaces/${segment(where)}` : '';
      const tail = named ? `/${segment(name)}${subresource === undefined ? '' : `/${segment(subresource)}`}` : '';
      const path = `${root}${watchPrefix === 0 ? '/watch' : ''}${scope}/${info.resource}${tail}`;
      return { info, method, named, name, subresource: named ? subresource : undefined, path };
    }),
);

const numbers = fc.constantFrom('0', '1', '2', '5', '-1', '1.5', 'abc', '9223372036854775808', '00', '', '1e3', '2147483648');
const selectors = fc.constantFrom(
  'app=a',
  'app in (a,b)',
  '!app',
  'app!=a,x',
  'app in (',
  '=',
  'a=b=c',
  'metadata.name=a',
  'spec.nodeName=a',
  'metadata.name!=a,metadata.namespace=fuzz',
  'status.phase=',
  'x'.repeat(3000),
  'app notin ()',
  'a>1,b<x',
);
const truths = fc.constantFrom('true', 'false', '1', '0', 'maybe', '');
const parameterValues: Readonly<Record<string, fc.Arbitrary<string>>> = {
  limit: numbers,
  continue: fc.constantFrom('', 'abc', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9', 'bnVsbA', 'e30', 'W10', '{}', '%%%'),
  resourceVersion: numbers,
  resourceVersionMatch: fc.constantFrom('Exact', 'NotOlderThan', 'x', ''),
  fieldSelector: selectors,
  labelSelector: selectors,
  dryRun: fc.constantFrom('All', 'all', '', 'All,All'),
  fieldManager: fc.constantFrom('m', 'kubectl', '', 'x'.repeat(129), '\u0000', 'é'),
  fieldValidation: fc.constantFrom('Strict', 'Warn', 'Ignore', 'x', ''),
  force: truths,
  watch: truths,
  sendInitialEvents: truths,
  allowWatchBookmarks: truths,
  pretty: truths,
  orphanDependents: truths,
  ignoreStoreReadErrorWithClusterBreakingPotential: truths,
  propagationPolicy: fc.constantFrom('Orphan', 'Foreground', 'Background', 'x', ''),
  gracePeriodSeconds: numbers,
  includeObject: fc.constantFrom('None', 'Object', 'Metadata', 'x'),
  container: fc.constantFrom('a', 'x'),
  tailLines: numbers,
  follow: truths,
};
const parameter = fc.oneof(
  { arbitrary: fc.constantFrom(...Object.keys(parameterValues)).chain((key) => fc.tuple(fc.constant(key), parameterValues[key]!)), weight: 20 },
  { arbitrary: fc.tuple(hostileName, hostileName), weight: 1 },
);
const query = fc.array(parameter, { maxLength: 4 });

const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const tableOf = ';as=Table;g=meta.k8s.io;v=v1';
const accepts = fc.oneof(
  { arbitrary: fc.constantFrom(...mediaTypes, '*/*'), weight: 6 },
  {
    arbitrary: fc.constantFrom(
      `application/json${tableOf}`,
      `application/json${tableOf}, application/json`,
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1',
      'application/json;stream=watch',
      'text/html',
      'application/*;q=0.1',
      ';;;,,=',
      'application/json;as=__proto__;g=constructor;v=v1',
    ),
    weight: 3,
  },
);
const otherHeader = fc.oneof(
  fc.constantFrom(
    ['User-Agent', 'curl/8'] as const,
    ['Accept-Encoding', 'gzip'] as const,
    ['Content-Encoding', 'gzip'] as const,
    ['X-Remote-User', 'root'] as const,
    ['X-Remote-Group', 'system:masters'] as const,
    ['Impersonate-Extra-__proto__', 'x'] as const,
    ['Impersonate-Uid', '7'] as const,
    ['Audit-ID', 'x'.repeat(100)] as const,
    ['If-None-Match', '*'] as const,
    ['Range', 'bytes=0-1'] as const,
    ['Cookie', '__proto__=1'] as const,
    ['Transfer-Encoding', 'chunked'] as const,
    ['Warning', '299 - "x"'] as const,
  ),
  fc.tuple(
    fc.constantFrom('X-Odd', 'Impersonate-Extra-a', 'User-Agent', 'Accept'),
    fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\t\x20-\x7e]/g, '?').trim()),
  ),
);

const patchTypes = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
];

const bodyLabels = { metadata: { labels: { app: 'a' } } };

/** The object that a write is about: what is sound, with generated fields over it. */
function objectFor({ info, name, named, subresource }: Target): fc.Arbitrary<Tree> {
  const sub = info.subresources.find((one) => one.name === subresource);
  const kind = sub?.kind ?? info.kind;
  const apiVersion =
    sub?.group !== undefined
      ? groupVersion({ group: sub.group, version: sub.version ?? 'v1' })
      : kind === 'Scale'
        ? 'autoscaling/v1'
        : groupVersion(info);
  const named_ = { apiVersion, kind, metadata: { ...bodyLabels.metadata, ...(named ? { name } : {}) } };
  const sound = { ...named_, ...soundObjects[kind] };
  const schema = schemaOf(apiVersion, kind);
  const generated = schema
    ? valuesOf(schema)
    : fc.dictionary(fc.constantFrom('spec', 'status', 'metadata'), hostileTree).map((one) => ({ map: Object.entries(one) }));
  const given = fc.constantFrom(...names).map((one) => treeOf(named ? sound : { ...sound, metadata: { ...sound.metadata, name: one } }));
  return fc.oneof(
    { arbitrary: given, weight: 3 },
    { arbitrary: fc.tuple(given, generated).map(([base, over]) => overlaid(base, over)), weight: 8 },
    { arbitrary: hostileTree, weight: 1 },
  );
}

const pointers = [
  '/metadata/labels/a',
  '/metadata/labels',
  '/spec',
  '/spec/containers/0',
  '/spec/containers/-',
  '/metadata/name',
  '',
  '/',
  '/data/__proto__',
  '/__proto__/polluted',
  '/constructor/prototype/polluted',
  '/metadata/annotations/a~1b',
  '/x/y',
  '/spec/containers/99999999999',
  '/metadata/managedFields/0',
  '~',
  '/~2',
  'nope',
];
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'explode', ''),
    path: fc.constantFrom(...pointers),
    from: fc.constantFrom(...pointers),
    value: fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
  },
  { requiredKeys: ['op', 'path'] },
);
const jsonPatch = fc.oneof(
  { arbitrary: fc.array(operation, { maxLength: 5 }).map((list) => JSON.stringify(list)), weight: 8 },
  { arbitrary: hostileTree.map(textOf), weight: 1 },
);

const deleteOptions = fc.oneof(
  { arbitrary: fc.constant(''), weight: 3 },
  {
    arbitrary: fc
      .record(
        {
          kind: fc.constantFrom('DeleteOptions', 'Pod'),
          apiVersion: fc.constantFrom('v1', 'meta.k8s.io/v1', 'apps/v1', 'x/y/z'),
          gracePeriodSeconds: fc.constantFrom(0, 1, -1, 2 ** 53, 'x'),
          propagationPolicy: fc.constantFrom('Foreground', 'Orphan', 'Background', 'x', 1),
          orphanDependents: fc.constantFrom(true, false, 'x'),
          preconditions: fc.constantFrom({ uid: 'x' }, { resourceVersion: '1' }, {}, null, [], 'x'),
          dryRun: fc.constantFrom(['All'], [], ['x'], 'All', [1]),
        },
        { requiredKeys: [] },
      )
      .map((options) => JSON.stringify(options)),
    weight: 4,
  },
  { arbitrary: hostileTree.map(textOf), weight: 2 },
);

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

interface Written {
  readonly type: string;
  readonly body: string;
}

function protobufOf(text: string, { info }: Target): string {
  const apiVersion = groupVersion(info);
  try {
    const message = schemaIdOf(apiVersion, info.kind);
    if (!message) return latin1(text);
    return protobufObject({ apiVersion, kind: info.kind }, encodeMessage(message, JSON.parse(text))).toString('latin1');
  } catch {
    return `k8s\u0000${latin1(text).slice(0, 2000)}`;
  }
}

/** Now and then a body is cut, or a byte of it is another. */
const spoiled = (body: string): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constant(body), weight: 20 },
    { arbitrary: fc.integer({ min: 0, max: Math.max(0, body.length - 1) }).map((at) => body.slice(0, at)), weight: 1 },
    {
      arbitrary: fc
        .tuple(fc.integer({ min: 0, max: Math.max(0, body.length - 1) }), fc.integer({ min: 0, max: 255 }))
        .map(([at, byte]) => body.slice(0, at) + String.fromCharCode(byte) + body.slice(at + 1)),
      weight: 1,
    },
  );

function written(one: Target): fc.Arbitrary<Written> {
  const sound = one.method === 'PATCH' ? patchTypes : one.method === 'DELETE' ? ['application/json'] : mediaTypes;
  const types = fc.oneof(
    { arbitrary: fc.constantFrom(...sound), weight: 20 },
    { arbitrary: fc.constantFrom(...mediaTypes, ...patchTypes, 'text/plain', '', 'application/json; charset=x'), weight: 1 },
  );
  return types.chain((type) => {
    const text = type === 'application/json-patch+json' ? jsonPatch : one.method === 'DELETE' ? deleteOptions : objectFor(one).map(textOf);
    if (type.endsWith('yaml'))
      return fc.oneof({ arbitrary: text, weight: 4 }, { arbitrary: hostileYaml, weight: 1 }).map((body) => ({ type, body: latin1(body) }));
    const encoded = text.map((json) => (type.endsWith('protobuf') ? protobufOf(json, one) : latin1(json)));
    return encoded.chain(spoiled).map((body) => ({ type, body }));
  });
}

const otherPaths = [
  '/',
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/openapi/v3',
  '/openapi/v2',
  '/version',
  '/healthz',
  '/readyz/etcd',
  '/livez?verbose',
  '/metrics',
  '/apis/__proto__/constructor',
  '/apis//v1',
  '/api/v1/namespaces/%2e%2e/pods',
  '/%',
  '/api/v1/namespaces//pods',
  '//api/v1/pods',
  '/openid/v1/jwks',
  '/openapi/v3/apis/apps/v1',
  '/api/v1/__proto__',
  '/apis/apps/v1/constructor/a',
];

const callers = fc.oneof(
  { arbitrary: fc.constant<Caller>('admin'), weight: 17 },
  { arbitrary: fc.constantFrom<Caller>('nobody', 'anonymous'), weight: 2 },
);

const queryText = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([key, value]) => `${segment(key)}=${segment(value)}`).join('&');

/** Watches end by themselves after a second; the first of equal parameters counts. */
const resourceRequest: fc.Arbitrary<FuzzRequest> = target.chain((one) =>
  fc
    .record({
      caller: callers,
      pairs: query,
      accept: accepts,
      others: fc.array(otherHeader, { maxLength: 1 }),
      sent: one.method === 'GET' || one.method === 'HEAD' ? fc.constant({ type: '', body: '' }) : written(one),
    })
    .map(({ caller, pairs, accept, others, sent }) => ({
      caller,
      method: one.method,
      path: `${one.path}?timeoutSeconds=1&${meddling.has(one.info.resource) ? 'dryRun=All&' : ''}${one.method === 'PATCH' && sent.type.includes('apply') ? 'fieldManager=fuzz&' : ''}${queryText(pairs)}`,
      headers: [['Accept', accept], ...(sent.type ? [['Content-Type', sent.type] as const] : []), ...others],
      body: sent.body,
    })),
);

const otherRequest: fc.Arbitrary<FuzzRequest> = fc
  .record({
    caller: callers,
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'DELETE', 'PUT', 'HEAD'),
    path: fc.constantFrom(...otherPaths),
    accept: accepts,
  })
  .map(({ caller, method, path, accept }) => ({ caller, method, path, headers: [['Accept', accept]], body: '' }));

export const requests: fc.Arbitrary<FuzzRequest> = fc.oneof({ arbitrary: resourceRequest, weight: 40 }, { arbitrary: otherRequest, weight: 1 });
