// An operator built with controller-runtime: two versions of a kind, webhooks of all three sorts, and a reconciler.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster.js';
import { goMissing, goProgram } from '../src/go-programs.js';
import { Operator } from '../src/operator.js';
import { eventually } from '../src/run.js';

const missing = goMissing();
if (missing) console.log(`controller-runtime is skipped: ${missing}`);

interface Website {
  readonly metadata: { readonly uid: string; readonly finalizers?: readonly string[]; readonly generation: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

describe.skipIf(missing)('an operator of controller-runtime', () => {
  const cluster = new Cluster(['--runtime', 'none', '--store', 'memory']);
  const { kubectl } = cluster;
  let operator: Operator;

  beforeAll(async () => {
    operator = new Operator(cluster, await goProgram('manager'));
    await cluster.up();
    await operator.install();
    await operator.start();
  }, 900_000);
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(operator.log, cluster.log);
  });
  afterAll(async () => {
    await operator?.kill();
    await cluster.destroy();
  });

  const website = (name: string, spec: object, version = 'v1'): string =>
    JSON.stringify({ apiVersion: `web.example.com/${version}`, kind: 'Website', metadata: { name }, spec });
  const apply = (name: string, spec: object, version?: string) => kubectl.try(['apply', '-f', '-'], { input: website(name, spec, version) });
  const get = (name: string, version = 'v1'): Promise<Website> => kubectl.json<Website>(`get websites.${version}.web.example.com ${name}`);

  it('fills in defaults and converts what the old version wrote', async () => {
    const { code, stdout, stderr } = await apply('shop', { address: 'shop.example.com:8080' }, 'v1alpha1');
    expect([code, stdout]).toEqual([0, 'website.web.example.com/shop created\n']);
    expect(stderr).toBe('Warning: web.example.com/v1alpha1 Website is deprecated; use web.example.com/v1 Website\n');
    expect((await get('shop')).spec).toEqual({ host: 'shop.example.com', port: 8080, title: 'Welcome to shop.example.com' });
    expect((await get('shop', 'v1alpha1')).spec).toEqual({ address: 'shop.example.com:8080', title: 'Welcome to shop.example.com' });
  });

  it('keeps a page, with an owner and a status', async () => {
    await eventually(async () => expect((await get('shop')).status).toEqual({ observedGeneration: 1, page: 'shop-page', sharingHost: 1 }));
    const { metadata } = await get('shop');
    expect(metadata.finalizers).toEqual(['web.example.com/note']);
    const page = await kubectl.json<{ metadata: { ownerReferences: unknown }; data: unknown }>('get configmap shop-page');
    expect(page.data).toEqual({ 'index.html': '<h1>Welcome to shop.example.com</h1>' });
    expect(page.metadata.ownerReferences).toEqual([
      { apiVersion: 'web.example.com/v1', kind: 'Website', name: 'shop', uid: metadata.uid, controller: true, blockOwnerDeletion: true },
    ]);
    await kubectl.run('delete configmap shop-page');
    await eventually(() => kubectl.run('get configmap shop-page'));
  });

  it('finds neighbours by an indexed field', async () => {
    await apply('annex', { host: 'shop.example.com', port: 8081 });
    await eventually(async () => expect((await get('shop')).status).toMatchObject({ sharingHost: 2 }));
    expect(await kubectl.run('get site --no-headers')).toMatch(/^annex\s+shop\.example\.com\s+2\nshop\s+shop\.example\.com\s+2\n$/);
  });

  it('refuses and warns in the words of the webhook', async () => {
    expect((await apply('low', { host: 'low.example.com', port: 80 })).stderr).toBe(
      'Error from server (Forbidden): error when creating "STDIN": admission webhook "validate.web.example.com" denied the request: ports below 1024 are not for websites here\n',
    );
    expect((await apply('odd', { host: 'odd_one', port: 8080 })).stderr).toBe('Warning: hosts with underscores are hard to reach\n');
    const moved = await kubectl.try(['patch', 'site', 'shop', '--type=merge', '-p', '{"spec":{"host":"elsewhere"}}']);
    expect(moved.stderr).toContain('denied the request: a website keeps its host');
    await kubectl.run('annotate site odd web.example.com/keep=yes');
    expect((await kubectl.try(['delete', 'site', 'odd'])).stderr).toContain('denied the request: this website is kept');
  });

  it('refuses what the webhook cannot convert', async () => {
    const { code, stderr } = await apply('broken', { address: 'no-port' }, 'v1alpha1');
    expect(code).toBe(1);
    expect(stderr).toContain('conversion webhook for web.example.com/v1alpha1, Kind=Website failed: address "no-port"');
  });

  it('leaves a note by its finalizer, and what it owned goes', async () => {
    await kubectl.run('delete site annex --timeout=30s');
    expect(await kubectl.run('get configmap annex-was-here -o name')).toBe('configmap/annex-was-here\n');
    await eventually(async () => expect((await kubectl.try(['get', 'configmap', 'annex-page'])).stderr).toContain('NotFound'));
    await eventually(async () => expect((await get('shop')).status).toMatchObject({ sharingHost: 1 }));
  });

  it('says what fails while it is away, and goes on when it is back', async () => {
    await operator.kill();
    expect((await apply('alone', { host: 'alone', port: 8080 })).stderr).toMatch(
      /Error from server \(InternalError\): error when creating "STDIN": Internal error occurred: failed calling webhook "default.web.example.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/mutate-web-example-com-v1-website\?timeout=10s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused/,
    );
    expect((await kubectl.try(['get', 'websites.v1alpha1.web.example.com', 'shop'])).stderr).toMatch(
      /conversion webhook for web\.example\.com\/v1, Kind=Website failed: Post "https:\/\/127\.0\.0\.1:\d+\/convert\?timeout=30s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused/,
    );
    await operator.start();
    expect((await apply('alone', { host: 'alone', port: 8080 })).stdout).toBe('website.web.example.com/alone created\n');
    await eventually(async () => expect((await get('alone')).status).toMatchObject({ sharingHost: 1 }), { timeoutMs: 60_000 });
  });
});
