// What the audit log gets of requests to a real API server.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { silentLogger, systemClock, VirtualClock } from '@steersman/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../src/audit/audit-event.js';
import { AuditLogFile } from '../src/audit/audit-log-file.js';
import { readAuditPolicy } from '../src/audit/audit-policy.js';
import { AuditWebhook } from '../src/audit/audit-webhook.js';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
const dir = mkdtempSync(join(tmpdir(), 'steersman-audit-'));
const log = join(dir, 'audit.log');
let server: TestServer;

const policyText = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: [silent]
  - level: RequestResponse
    omitManagedFields: true
    namespaces: [default]
    resources: [{ group: '', resources: [configmaps] }]
  - level: Request
    resources: [{ group: '', resources: ['secrets/*'] }]
  - level: Metadata
    omitStages: []
    nonResourceURLs: ['/version*']
  - level: None
    nonResourceURLs: ['*']
  - level: Metadata
`;

function policyOf(text: string): ReturnType<typeof readAuditPolicy> {
  const file = join(dir, 'policy.yaml');
  writeFileSync(file, text);
  return readAuditPolicy(file);
}

const events = (id: string): AuditEvent[] =>
  readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ auditID }) => auditID === id);

/** The stages of a request once the last of them is written. */
const eventsOf = (id: string, count = 1): Promise<AuditEvent[]> =>
  expect
    .poll(() => events(id), { timeout: 5000 })
    .toHaveLength(count)
    .then(() => events(id));

beforeAll(async () => {
  const backend = new AuditLogFile({ path: log, maxAgeDays: 0, maxBackups: 0, maxSizeMegabytes: 0, clock: systemClock, logger: silentLogger });
  server = await testServer(stop.signal, { authenticators: [statedUsers], audit: { policy: policyOf(policyText), backends: [backend] } });
});
afterAll(() => {
  stop.abort();
  rmSync(dir, { recursive: true, force: true });
});

const configMaps = '/api/v1/namespaces/default/configmaps';

describe('the audit log', () => {
  it('has who did what with which objects', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' } };
    const answer = await ask(server.port, 'POST', configMaps, { token: adminToken, body, headers: { 'Audit-ID': 'first', 'User-Agent': 'test/1' } });
    expect(answer.headers['audit-id']).toBe('first');
    const [event] = await eventsOf('first');
    expect(event).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      stage: 'ResponseComplete',
      requestURI: configMaps,
      verb: 'create',
      user: { username: 'root', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['127.0.0.1'],
      userAgent: 'test/1',
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'one', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestObject: { kind: 'ConfigMap', data: { a: '1' } },
      responseObject: { kind: 'ConfigMap', metadata: { name: 'one' } },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    });
    expect((event as { responseObject: { metadata: object } }).responseObject.metadata).not.toHaveProperty('managedFields');
    expect(event?.stageTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('has patches, deletions and lists as they were asked for and answered', async () => {
    await ask(server.port, 'PATCH', `${configMaps}/one`, { token: adminToken, body: { data: { b: '2' } }, headers: { 'Audit-ID': 'patch' } });
    expect((await eventsOf('patch'))[0]).toMatchObject({
      verb: 'patch',
      requestObject: { data: { b: '2' } },
      responseObject: { data: { a: '1', b: '2' } },
    });
    await ask(server.port, 'GET', configMaps, { token: adminToken, headers: { 'Audit-ID': 'list' } });
    expect((await eventsOf('list'))[0]).toMatchObject({
      verb: 'list',
      responseObject: { kind: 'ConfigMapList', items: [{ metadata: { name: 'one' } }] },
    });
    await ask(server.port, 'DELETE', `${configMaps}/one`, {
      token: adminToken,
      body: { propagationPolicy: 'Background' },
      headers: { 'Audit-ID': 'delete' },
    });
    expect((await eventsOf('delete'))[0]).toMatchObject({ verb: 'delete', requestObject: { propagationPolicy: 'Background' } });
  });

  it('says why somebody was refused, and who acted as whom', async () => {
    const headers = { 'Audit-ID': 'refused', 'Impersonate-User': 'eve' };
    const path = '/api/v1/namespaces/other/pods/p';
    await ask(server.port, 'GET', path, { token: adminToken, headers });
    const [event] = await eventsOf('refused');
    expect(event).toMatchObject({
      level: 'Metadata',
      user: { username: 'root' },
      impersonatedUser: { username: 'eve', groups: ['system:authenticated'] },
      responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid' },
    });
    expect(event).not.toHaveProperty('responseObject');
    await ask(server.port, 'GET', path, { token: 'who', headers: { 'Audit-ID': 'unknown' } });
    expect((await eventsOf('unknown'))[0]).toMatchObject({
      stage: 'ResponseStarted',
      user: {},
      responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
    });
  });

  it('has the beginning and the end of watches', async () => {
    await ask(server.port, 'GET', `${configMaps}?watch=true&timeoutSeconds=1`, { token: adminToken, headers: { 'Audit-ID': 'watch' } });
    expect((await eventsOf('watch', 2)).map(({ stage, verb }) => [verb, stage])).toEqual([
      ['watch', 'ResponseStarted'],
      ['watch', 'ResponseComplete'],
    ]);
  });

  it('leaves out what the policy does not want', async () => {
    await ask(server.port, 'GET', configMaps, { token: tokenOf('silent', 'system:masters'), headers: { 'Audit-ID': 'silent' } });
    await ask(server.port, 'GET', '/healthz', { token: adminToken, headers: { 'Audit-ID': 'health' } });
    await ask(server.port, 'GET', '/version', { token: adminToken, headers: { 'Audit-ID': 'version' } });
    await eventsOf('version');
    expect([...events('silent'), ...events('health')]).toEqual([]);
  });

  it('has what programs of the same process do, too', async () => {
    await server.api.create(
      { group: '', version: 'v1', resource: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'inside' } },
      {},
    );
    expect(readFileSync(log, 'utf8')).toContain('"objectRef":{"name":"inside","resource":"namespaces","apiVersion":"v1"}');
  });

  it('has the annotations of admission policies', async () => {
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const place = { group: 'admissionregistration.k8s.io', version: 'v1' };
    const spec = {
      matchConstraints: { resourceRules: rules },
      validations: [{ expression: 'object.data.size() < 1' }],
      auditAnnotations: [{ key: 'size', valueExpression: "'has ' + string(object.data.size())" }],
    };
    await server.api.create(
      { ...place, resource: 'validatingadmissionpolicies' },
      { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'small' }, spec },
      {},
    );
    await server.api.create(
      { ...place, resource: 'validatingadmissionpolicybindings' },
      {
        apiVersion,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'all' },
        spec: { policyName: 'small', validationActions: ['Audit'] },
      },
      {},
    );
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'two' }, data: { a: '1' } };
    expect((await ask(server.port, 'POST', configMaps, { token: adminToken, body, headers: { 'Audit-ID': 'policy' } })).code).toBe(201);
    expect((await eventsOf('policy'))[0]?.annotations).toMatchObject({
      'small/size': 'has 1',
      'validation.policy.admission.k8s.io/validation_failure':
        '[{"message":"failed expression: object.data.size() < 1","policy":"small","binding":"all","expressionIndex":0,"validationActions":["Audit"]}]',
    });
  });
});

describe('an audit policy', () => {
  it('is refused in one line that says what is wrong', () => {
    expect(() => policyOf('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []')).toThrow(/^loaded illegal policy with 0 rules from file /);
    expect(() => policyOf('apiVersion: v1\nkind: Policy')).toThrow(/is a Policy of v1: a Policy of audit.k8s.io\/v1 is wanted$/);
    expect(() => policyOf('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All, nonResourceURLs: [x]}, {levels: None}]')).toThrow(
      /rules\[0\].level: Unsupported value: "All".*rules\[0\].nonResourceURLs\[0\]: .*must begin with a '\/'.*rules\[1\].levels: unknown field.*rules\[1\].level: Required value/,
    );
  });
});

const event = { kind: 'Event', auditID: 'x', requestURI: '/'.repeat(600_000) } as unknown as AuditEvent;

describe('the file of the audit log', () => {
  const still = { clock: new VirtualClock(Date.UTC(2026, 0, 2)), logger: silentLogger };

  it('may pack old files', async () => {
    const path = join(dir, 'packed', 'a.log');
    const file = new AuditLogFile({ path, maxAgeDays: 0, maxBackups: 1, maxSizeMegabytes: 1, compress: true, ...still });
    for (let count = 0; count < 2; count++) file.log(event);
    const packed = 'a-2026-01-02T00-00-00.000.log.gz';
    await expect.poll(() => readdirSync(join(dir, 'packed')).sort()).toEqual([packed, 'a.log']);
    expect(JSON.parse(gunzipSync(readFileSync(join(dir, 'packed', packed))).toString())).toEqual(event);
    file.log(event);
    await expect.poll(() => readdirSync(join(dir, 'packed')).sort()).toEqual(['a-2026-01-02T00-00-00.001.log.gz', 'a.log']);
  });

  it('begins anew when it is full, and keeps so many old files', () => {
    const path = join(dir, 'full', 'a.log');
    const file = new AuditLogFile({ path, maxAgeDays: 0, maxBackups: 2, maxSizeMegabytes: 1, ...still });
    for (let count = 0; count < 5; count++) file.log(event);
    const names = readdirSync(join(dir, 'full')).sort();
    expect(names).toEqual(['a-2026-01-02T00-00-00.002.log', 'a-2026-01-02T00-00-00.003.log', 'a.log']);
  });
});

describe('the audit webhook', () => {
  it('gets events in batches, and what is left when the server stops', async () => {
    const clock = new VirtualClock(0);
    const sent: { items: AuditEvent[] }[] = [];
    const service = { post: async (body: unknown) => String(sent.push(body as never)) };
    const webhook = new AuditWebhook({ service, clock, logger: silentLogger, bufferSize: 4, maxBatchSize: 2, maxWaitMs: 1000 });
    const end = new AbortController();
    const running = webhook.run(end.signal);
    webhook.log(event);
    webhook.log(event);
    await expect.poll(() => sent.map(({ items }) => items.length)).toEqual([2]);
    webhook.log(event);
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
    await expect.poll(() => sent.map(({ items }) => items.length)).toEqual([2, 1]);
    for (let count = 0; count < 9; count++) webhook.log(event);
    end.abort();
    await running;
    expect(sent.slice(2).map(({ items }) => items.length)).toEqual([2, 2]);
  });
});
