// What is handed on to services behind the server: the request, but nothing that proves who somebody is or as whom he acts.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
let server: TestServer;
let behind: Server;
let seen: IncomingHttpHeaders = {};
const path = (): string => `/api/v1/namespaces/default/pods/p:${(behind.address() as AddressInfo).port}/proxy/`;

beforeAll(async () => {
  behind = createServer((incoming, response) => {
    seen = incoming.headers;
    response.writeProcessing();
    response.writeHead(200, { Connection: 'X-Own', 'X-Own': '1', 'X-Kept': '2', Trailer: 'X-Sum', 'Transfer-Encoding': 'chunked' });
    response.write('ok');
    response.addTrailers({ 'X-Sum': '42' });
    response.end();
  })
    .on('upgrade', (incoming, socket) => {
      seen = incoming.headers;
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n');
    })
    .listen(0, '127.0.0.1');
  await once(behind, 'listening');
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
  const core = { group: '', version: 'v1' };
  await server.api.create(
    { ...core, resource: 'serviceaccounts', namespace: 'default' },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    {},
  );
  const pods = { ...core, resource: 'pods', namespace: 'default' };
  const made = await server.api.create(
    pods,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    {},
  );
  await server.api.update(
    { ...pods, name: 'p', subresource: 'status' },
    { ...made, status: { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] } },
    {},
  );
});
afterAll(() => {
  stop.abort();
  behind.closeAllConnections();
  behind.close();
});

const secret = ['authorization', 'impersonate-user', 'impersonate-group', 'x-remote-user'];
const headers = { 'Impersonate-User': 'ann', 'Impersonate-Group': 'system:masters', 'X-Remote-User': 'root', 'X-Other': 'kept' };

describe('a request that is handed on', () => {
  it('has no credentials any more', async () => {
    expect((await ask(server.port, 'GET', path(), { token: adminToken, headers })).text).toBe('ok');
    expect(seen).toMatchObject({ 'x-other': 'kept' });
    for (const name of secret) expect(seen).not.toHaveProperty(name);
  });

  it('has none either when it is an upgrade', async () => {
    seen = {};
    const upgrade = request({
      host: '127.0.0.1',
      port: server.port,
      path: path(),
      rejectUnauthorized: false,
      headers: { ...headers, Authorization: `Bearer ${adminToken}`, Connection: 'upgrade', Upgrade: 'test' },
    });
    upgrade.end();
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, { destroy(): void }];
    socket.destroy();
    expect(seen).toMatchObject({ 'x-other': 'kept' });
    for (const name of secret) expect(seen).not.toHaveProperty(name);
  });
});

describe('headers of one connection', () => {
  it('are not handed on, those that Connection names included', async () => {
    seen = {};
    const sent = { Connection: 'X-Mine, keep-alive', 'X-Mine': 'a', 'Proxy-Connection': 'close', 'X-Other': 'kept' };
    const answer = await ask(server.port, 'GET', path(), { token: adminToken, headers: sent });
    expect(seen).toMatchObject({ 'x-other': 'kept' });
    expect(seen).not.toHaveProperty('x-mine');
    expect(seen).not.toHaveProperty('proxy-connection');
    expect(answer.headers).toMatchObject({ 'x-kept': '2' });
    expect(answer.headers).not.toHaveProperty('x-own');
  });

  it('do not include trailers and what comes before the answer', async () => {
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      path: path(),
      rejectUnauthorized: false,
      headers: { Authorization: `Bearer ${adminToken}` },
    });
    const informed = once(sent, 'information');
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    expect((await informed)[0]).toMatchObject({ statusCode: 102 });
    expect(answer.trailers).toEqual({ 'x-sum': '42' });
  });
});

describe('a token among the protocols of a WebSocket', () => {
  const protocol = (token: string): string => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
  const code = async (protocols: string): Promise<number> =>
    (await ask(server.port, 'GET', '/api/v1/namespaces/default/pods', { headers: { 'Sec-WebSocket-Protocol': protocols } })).code;

  it('says who comes, beside a protocol that is spoken', async () => {
    expect(await code(`${protocol(adminToken)}, v5.channel.k8s.io`)).toBe(200);
    expect(await code(`${protocol(tokenOf('nobody'))}, v5.channel.k8s.io`)).toBe(403);
    expect(await code(protocol(adminToken))).toBe(401);
    expect(await code(`${protocol(adminToken)}, ${protocol(adminToken)}, v5.channel.k8s.io`)).toBe(401);
  });
});
