// Every access case as a request over HTTPS to a server whose controllers run; each is let through or answered with 403, as upstream does.
import { builtinResources, groupVersion, silentLogger, systemClock, systemRandom } from '@steersman/api';
import { type ApiTransport, Client } from '@steersman/client';
import { ControllerManager } from '@steersman/controller-manager';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { adminToken, ask, statedUsers, tokenOf } from '../../../apiserver/test/https-requests.js';
import { type TestServer, testServer } from '../../../apiserver/test/memory-server.js';
import { accessCases } from './cases.js';
import { bodies, objects } from './objects.js';

const stop = new AbortController();
const uids = new Map<string, string>();
let server: TestServer;

const account = (name: string): Promise<ApiTransport> =>
  server.transport({
    name: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  });

async function runControllers(): Promise<void> {
  const manager = new ControllerManager({
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    client: new Client(await server.transport({ name: 'system:kube-controller-manager', groups: ['system:authenticated'] })),
    clientOf: async (controller) => new Client(await account(controller)),
    rootCa: server.authority.cert,
  });
  void manager.run(stop.signal);
}

beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
  await runControllers();
  const client = new Client(server.api);
  for (const object of objects) {
    const { kind, metadata } = object as { kind: string; metadata: { name: string } };
    // Pods want the account of their namespace, which its controller makes.
    const created = await vi.waitFor(() => client.create(object as never), 10_000);
    if (kind === 'Pod') uids.set(metadata.name, (created as { metadata: { uid: string } }).metadata.uid);
  }
  await vi.waitFor(async () => {
    const { rules = [] } = await client.get('ClusterRole', { name: 'auditor' });
    if (rules.length < 2) throw new Error('the role is not aggregated yet');
  }, 10_000);
});
afterAll(() => stop.abort());

const groups: Readonly<Record<string, string>> = {
  apps: 'apps/v1',
  batch: 'batch/v1',
  networking: 'networking.k8s.io/v1',
  discovery: 'discovery.k8s.io/v1',
  policy: 'policy/v1',
  rbac: 'rbac.authorization.k8s.io/v1',
  coordination: 'coordination.k8s.io/v1',
  authorization: 'authorization.k8s.io/v1',
};

/** The path that a case means. */
function pathOf(short: string): string {
  if (short.startsWith('/')) return short;
  if (short.startsWith('apis/')) return `/${short}`;
  if (short.startsWith('-/')) return `/api/v1${short.slice(1)}`;
  const [, group = '', mark, rest = ''] = /^([a-z]+)([!:])\/?(.*)$/.exec(short) ?? [];
  if (!mark) return `/api/v1/namespaces/team/${short}`;
  return mark === '!' ? `/apis/${groups[group]}/${rest}` : `/apis/${groups[group]}/namespaces/team/${rest}`;
}

interface AccessCase {
  readonly title: string;
  readonly user: string;
  readonly allowed: boolean;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers that ask to act as somebody else. */
function actingHeader(word: string): readonly [string, string][] {
  const [, what = '', value = ''] = /^(as|group|uid|extra):(.*)$/.exec(word) ?? [];
  if (what === 'extra') {
    const [key = '', one = ''] = value.split('=');
    return [[`Impersonate-Extra-${key}`, one]];
  }
  const names: Readonly<Record<string, string>> = { as: 'Impersonate-User', group: 'Impersonate-Group', uid: 'Impersonate-Uid' };
  return names[what] ? [[names[what], value]] : [];
}

const cases: readonly AccessCase[] = Object.entries(accessCases).flatMap(([user, lines]) =>
  lines
    .trim()
    .split('\n')
    .map((line): AccessCase => {
      const [decision, method = '', path = '', ...words] = line.trim().split(/\s+/);
      const body = words.find((word) => word in bodies);
      const title = `${decision === 'yes' ? 'lets' : 'refuses'} ${user || 'anonymous'} ${line.trim().replace(/^\w+ +/, '')}`;
      const headers = Object.fromEntries(words.flatMap(actingHeader));
      return { title, user, allowed: decision === 'yes', method, path: pathOf(path), ...(body && { body }), headers };
    }),
);

function bodyOf({ method, body }: AccessCase): unknown {
  const named = body === undefined ? undefined : bodies[body];
  if (typeof named === 'function') return named((pod) => uids.get(pod) ?? '');
  return named ?? (method === 'GET' || method === 'DELETE' ? undefined : {});
}

const withDryRun = (path: string, method: string): string => (method === 'GET' ? path : `${path}${path.includes('?') ? '&' : '?'}dryRun=All`);

function tokenOfUser(user: string): string | undefined {
  const [name = '', memberships = ''] = user.split(' of ');
  return name === '' ? undefined : tokenOf(name, ...memberships.split(' ').filter(Boolean));
}

describe(`the ${cases.length} access cases`, () => {
  it.each(cases.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
    const token = tokenOfUser(one.user);
    const body = bodyOf(one);
    const { code, text } = await ask(server.port, one.method, withDryRun(one.path, one.method), {
      headers: one.headers,
      ...(token && { token }),
      ...(body !== undefined && { body }),
    });
    // What lets a request through may still find that it makes no sense.
    expect(code === 403 || code === 401 ? 'refused' : 'let through', text).toBe(one.allowed ? 'let through' : 'refused');
  });
});

describe('nobody gets in without a credential', () => {
  const methods: Readonly<Record<string, string>> = {
    get: 'GET',
    list: 'GET',
    watch: 'GET',
    create: 'POST',
    update: 'PUT',
    patch: 'PATCH',
    delete: 'DELETE',
    deletecollection: 'DELETE',
  };
  const routes = builtinResources.flatMap((info) => {
    const base = `${info.group ? '/apis' : '/api'}/${groupVersion(info)}${info.namespaced ? '/namespaces/team' : ''}/${info.resource}`;
    const parts = ['', ...info.subresources.map(({ name }) => `/${name}`)];
    return [
      ...new Set(info.verbs.map((verb) => `${methods[verb]} ${['list', 'watch', 'create', 'deletecollection'].includes(verb) ? base : `${base}/x`}`)),
      ...parts.filter(Boolean).flatMap((part) => ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method} ${base}/x${part}`)),
    ];
  });
  const others = [
    '/',
    '/api',
    '/api/v1',
    '/apis',
    '/metrics',
    '/logs/',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/debug/pprof/',
    '/nothing',
  ];
  const all = [...routes, ...others.map((path) => `GET ${path}`)];
  const codeOf = async (route: string, headers: Readonly<Record<string, string>>): Promise<string> => {
    const [method = '', path = ''] = route.split(' ');
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{ this is no JSON' };
    return `${(await ask(server.port, method, path, { headers, ...body })).code} ${route}`;
  };

  it('whatever the route, and whatever the body', async () => {
    for (const route of all) expect(await codeOf(route, {})).toBe(`403 ${route}`);
  });

  it('nor with a credential that is none', async () => {
    for (const route of all) expect(await codeOf(route, { Authorization: 'Bearer nonsense' })).toBe(`401 ${route}`);
    for (const route of ['GET /version', 'GET /healthz']) expect(await codeOf(route, { Authorization: 'Bearer nonsense' })).toBe(`401 ${route}`);
  });

  it('nor by asking to act as somebody', async () => {
    for (const route of all) expect(await codeOf(route, { 'Impersonate-User': 'root', 'Impersonate-Group': 'system:masters' })).toBe(`403 ${route}`);
  });

  it('and with one, there is something behind each route', async () => {
    const code = (await ask(server.port, 'GET', '/api/v1/namespaces/team/pods', { token: adminToken })).code;
    expect(code).toBe(200);
  });
});
