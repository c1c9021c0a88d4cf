// Priority and fairness on a real API server: who waits, who is sent away, and who is never held up.
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { FlowSchema, PriorityLevelConfiguration } from '@steersman/api';
import { Client } from '@steersman/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
let server: TestServer;
let client: Client;

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

const level = (name: string, limitResponse: object): PriorityLevelConfiguration =>
  ({
    kind: 'PriorityLevelConfiguration',
    apiVersion,
    metadata: { name },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse } },
  }) as PriorityLevelConfiguration;

const schema = (name: string, user: string): FlowSchema =>
  ({
    kind: 'FlowSchema',
    apiVersion,
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name },
      matchingPrecedence: 50,
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: user } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
        },
      ],
    },
  }) as FlowSchema;

/** A request that goes on as long as its body is not sent: it holds its seat. */
function hold(token: string): { sent: ClientRequest; answered: Promise<IncomingMessage> } {
  const sent = request({
    host: '127.0.0.1',
    port: server.port,
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    rejectUnauthorized: false,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
  });
  sent.write('{"kind":"ConfigMap",');
  return { sent, answered: once(sent, 'response').then(([answer]) => (answer as IncomingMessage).resume()) };
}

const list = '/api/v1/namespaces/default/configmaps';
const uidOf = async (name: string): Promise<string | undefined> => (await client.get('FlowSchema', { name })).metadata.uid;
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
  client = new Client(server.api);
  for (const [user, response] of [
    ['hasty', { type: 'Reject' }],
    ['patient', { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } }],
  ] as const) {
    await client.create(level(user, response));
    await client.create(schema(user, user));
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
    await client.create({
      kind: 'ClusterRoleBinding',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: user },
      roleRef,
      subjects,
    } as never);
  }
});
afterAll(() => stop.abort());

test('every answer says which schema and level its request fell under', async () => {
  const { headers } = await ask(server.port, 'GET', list, { token: adminToken });
  expect(headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('exempt'));
  const other = await ask(server.port, 'GET', list, { token: tokenOf('somebody') });
  expect(other.headers['x-kubernetes-pf-flowschema-uid']).toBe(await uidOf('global-default'));
});

test('a level that rejects answers 429 at once to what finds no seat, and in words', async () => {
  const token = tokenOf('hasty');
  const held = hold(token);
  await soon();
  const { code, text, headers } = await ask(server.port, 'GET', list, { token });
  expect([code, text, headers['retry-after']]).toEqual([429, 'Too many requests, please try again later.\n', '1']);
  expect((await ask(server.port, 'GET', list, { token: adminToken })).code).toBe(200);
  held.sent.end('"apiVersion":"v1","metadata":{"name":"held"}}');
  expect((await held.answered).statusCode).toBe(201);
  expect((await ask(server.port, 'GET', list, { token })).code).toBe(200);
});

test('a level that queues lets requests wait for their turn, and only so many', async () => {
  const token = tokenOf('patient');
  const held = hold(token);
  await soon();
  const waiting = ask(server.port, 'GET', list, { token });
  await soon();
  expect((await ask(server.port, 'GET', list, { token })).code).toBe(429);
  held.sent.destroy();
  held.answered.catch(() => {});
  expect((await waiting).code).toBe(200);
});

test('a client that goes away gives up its place in the queue', async () => {
  const token = tokenOf('patient');
  const held = hold(token);
  await soon();
  const gone = hold(token);
  gone.answered.catch(() => {});
  await soon();
  gone.sent.destroy();
  await soon();
  const waiting = ask(server.port, 'GET', list, { token });
  await soon();
  held.answered.catch(() => {});
  held.sent.destroy();
  expect((await waiting).code).toBe(200);
});

test('a schema says whether its priority level is there', async () => {
  const dangling = async (name: string) =>
    (await client.get('FlowSchema', { name })).status?.conditions?.flatMap(({ type, status, reason }) => [type, status, reason]);
  await client.create(schema('lost', 'nobody'));
  await expect.poll(() => dangling('lost')).toEqual(['Dangling', 'True', 'NotFound']);
  await expect.poll(() => dangling('service-accounts')).toEqual(['Dangling', 'False', 'Found']);
});
