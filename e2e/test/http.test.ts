// HTTP itself: what Go's server and the API server above it answer to what clients, proxies and the wrong can send.
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Agent, type Dispatcher, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type Credentials, RawConnection } from '../clients/http/raw-connection.js';
import { Cluster } from '../src/cluster.js';

const host = 'Host: kubernetes\r\n';

describe('HTTP', () => {
  const cluster = new Cluster(['--only', 'api', '--runtime', 'none', '--store', 'memory']);
  let credentials: Credentials;
  let agent: Agent;
  const open: RawConnection[] = [];

  beforeAll(async () => {
    await cluster.up();
    credentials = adminOf(cluster.dataDir);
    agent = new Agent({ connect: { ...credentials }, pipelining: 4, connections: 1 });
  });
  afterAll(async () => {
    for (const connection of open) connection.close();
    await agent?.destroy();
    await cluster.destroy();
  });

  const raw = async (): Promise<RawConnection> => {
    const connection = await RawConnection.open(cluster.port, credentials);
    open.push(connection);
    return connection;
  };
  /** What comes back until the server closes. */
  const whole = async (text: string): Promise<string> => (await raw()).say(text).toEnd();
  const ask = (path: string, options: Partial<Dispatcher.RequestOptions> = {}) =>
    request(`https://127.0.0.1:${cluster.port}${path}`, { dispatcher: agent, ...(options as object) });
  const last = 'Connection: close\r\n';
  const configMap = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  const maps = '/api/v1/namespaces/default/configmaps';
  const json = { 'content-type': 'application/json' };

  it('reuses a connection, and answers pipelined requests in their order', async () => {
    const connection = await raw();
    connection.say(`GET /healthz HTTP/1.1\r\n${host}\r\n`);
    await connection.until(/ok$/);
    const heard = connection.received.length;
    connection.say(
      `GET /api/v1/namespaces?limit=1 HTTP/1.1\r\n${host}\r\nGET /nowhere HTTP/1.1\r\n${host}\r\nGET /readyz HTTP/1.1\r\n${host}${last}\r\n`,
    );
    const answers = (await connection.toEnd()).slice(heard);
    expect(answers.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(answers).toContain('NamespaceList');
    const together = await Promise.all(['/version', '/healthz', '/api', '/readyz'].map(async (path) => (await ask(path)).body.text()));
    expect(together[1]).toBe('ok');
    expect(together[2]).toContain('APIVersions');
  });

  it('closes after an answer to HTTP/1.0', async () => {
    expect(await whole('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.[01] 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*ok$/);
  });

  it.each([
    ['no host', 'GET /version HTTP/1.1\r\n\r\n', '400 Bad Request: missing required Host header'],
    ['two hosts', `GET /version HTTP/1.1\r\n${host}${host}\r\n`, '400 Bad Request'],
    ['a wrong host', 'GET /version HTTP/1.1\r\nHost: a b\r\n\r\n', '400 Bad Request: malformed Host header'],
    ['no request at all', 'hello\r\n\r\n', '400 Bad Request'],
    ['a header without a colon', `GET /version HTTP/1.1\r\n${host}nothing\r\n\r\n`, '400 Bad Request'],
    ['a space in a header name', `GET /version HTTP/1.1\r\n${host}a b: c\r\n\r\n`, '400 Bad Request'],
    ['two lengths', `POST /version HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`, '400 Bad Request'],
    ['a negative length', `POST /version HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, '400 Bad Request'],
    ['a wrong escape in the path', `GET /api/v1/namespaces/%zz HTTP/1.1\r\n${host}\r\n`, '400 Bad Request'],
    ['another version', `GET /version HTTP/2.0\r\n${host}\r\n`, '505 HTTP Version Not Supported: unsupported protocol version'],
    ['HTTP/0.9', 'GET /version\r\n\r\n', '400 Bad Request'],
    ['an unknown coding', `POST ${maps} HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`, 'Unsupported transfer encoding'],
    ['two codings', `POST ${maps} HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'Unsupported transfer encoding'],
    ['too large headers', `GET /version HTTP/1.1\r\n${host}a: ${'x'.repeat(1024 * 1024 + 8192)}\r\n\r\n`, '431 Request Header Fields Too Large'],
  ])('refuses %s in plain text, and closes', async (_name, text, said) => {
    const answer = await whole(text);
    expect(answer).toMatch(/^HTTP\/1\.1 \d{3} [A-Z]/);
    expect(answer).toContain('Content-Type: text/plain; charset=utf-8\r\n');
    expect(answer).toContain('Connection: close\r\n');
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(said);
  });

  it('takes headers of a megabyte, thousands of them, and long URLs', async () => {
    expect((await ask('/healthz', { headers: { large: 'x'.repeat(1_000_000) } })).statusCode).toBe(200);
    const many = Array.from({ length: 5000 }, (_, index) => `h${index}: v\r\n`).join('');
    expect(await whole(`GET /healthz HTTP/1.1\r\n${host}${many}${last}\r\n`)).toContain('200 OK');
    expect(await whole(`GET ${maps} HTTP/1.1\r\n${host}${many}Accept: text/xml\r\n${last}\r\n`)).toContain('406 Not Acceptable');
    const selector = `name in (${Array.from({ length: 20_000 }, (_, index) => `value-${index}`).join(',')})`;
    expect((await ask(`${maps}?labelSelector=${encodeURIComponent(selector)}`)).statusCode).toBe(200);
  });

  it('reads header names in any case', async () => {
    const answer = await whole(`GET /version HTTP/1.1\r\nhOsT: x\r\naCCEPT: application/json\r\nCONNECTION: CLOSE\r\n\r\n`);
    expect(answer).toContain('"major": "1"');
  });

  it('reads bodies in chunks, with trailers, and one after the other', async () => {
    const connection = await raw();
    const body = configMap('chunked');
    connection.say(`POST ${maps} HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (const piece of [body.slice(0, 10), body.slice(10)]) connection.say(`${piece.length.toString(16)};extension=1\r\n${piece}\r\n`);
    connection.say(`0\r\nTrailer: x\r\n\r\nGET ${maps}/chunked HTTP/1.1\r\n${host}${last}\r\n`);
    expect((await connection.toEnd()).match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 200']);
  });

  it('asks for a body that waits to be asked for, and not for one that it refuses', async () => {
    const body = configMap('expected');
    const head = `POST ${maps} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n${last}\r\n`;
    const connection = (await raw()).say(head);
    await connection.until(/100 Continue\r\n\r\n/);
    connection.say(body);
    expect(await connection.toEnd()).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 Created/);
    const other = await whole(`POST ${maps} HTTP/1.1\r\n${host}Content-Length: 2\r\nExpect: something\r\n\r\n`);
    expect(other).toMatch(/^HTTP\/1.1 417 Expectation Failed\r\n[\s\S]*Connection: close/);
  });

  it('answers HEAD with the headers of GET, and OPTIONS by refusing', async () => {
    const get = await ask('/api/v1/namespaces/default');
    const body = await get.body.text();
    const head = await ask('/api/v1/namespaces/default', { method: 'HEAD' });
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(await head.body.text()).toBe('');
    const options = await ask('/api/v1/namespaces', { method: 'OPTIONS' });
    expect(options.statusCode).toBe(405);
    expect(await options.body.json()).toMatchObject({ reason: 'MethodNotAllowed' });
    expect(await whole(`OPTIONS * HTTP/1.1\r\n${host}${last}\r\n`)).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Content-Length: 0\r\n/);
  });

  it.each([
    ['a whole URL', 'https://elsewhere/api/v1/namespaces/default', 200],
    ['escapes in a name', '/api/v1/namespaces/def%61ult', 200],
    ['an escaped slash', '/api/v1%2Fnamespaces/default', 200],
    ['a slash at the end', '/api/v1/namespaces/default/', 200],
    ['a slash after the resource', '/api/v1/namespaces/', 200],
    ['a wrong escape in the query', '/api/v1/namespaces?limit=%zz', 200],
    ['a semicolon in the query', '/api/v1/namespaces?limit=x;y', 200],
    ['a number that is none', '/api/v1/namespaces?limit=x', 400],
    ['two slashes in front', '//api/v1/namespaces/default', 404],
    ['two slashes in the group', '/api//v1/namespaces/default', 404],
    ['two slashes in the version', '/api/v1//namespaces/default', 404],
    ['no name between slashes', '/api/v1/namespaces//default', 404],
    ['dots', '/api/v1/../v1/namespaces/default', 404],
    ['dots in escapes', '/api/v1/namespaces/%2e%2e/default', 404],
    ['another case', '/API/v1/namespaces', 404],
  ])('reads targets: %s', async (_name, target, code) => {
    expect(await whole(`GET ${target} HTTP/1.1\r\n${host}${last}\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${code} `));
  });

  it('takes the first of a parameter that is given twice', async () => {
    for (const name of ['twice-a', 'twice-b']) await ask(maps, { method: 'POST', headers: json, body: configMap(name) });
    const names = async (query: string): Promise<number> =>
      ((await (await ask(`${maps}?${query}`)).body.json()) as { items: unknown[] }).items.length;
    expect(await names('limit=1&limit=2')).toBe(1);
    expect(await names('fieldSelector=metadata.name%3Dtwice-a&fieldSelector=')).toBe(1);
    expect(await names('fieldSelector=&fieldSelector=metadata.name%3Dtwice-a')).toBeGreaterThan(1);
  });

  it('answers offers of other protocols as if they were not made', async () => {
    expect(await whole(`GET /healthz HTTP/1.1\r\n${host}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await whole(`GET ${maps}?limit=1 HTTP/1.1\r\n${host}Connection: Upgrade, close\r\nUpgrade: something\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 200 OK/,
    );
  });

  it('compresses large answers only, and ignores ranges', async () => {
    const small = await ask('/version', { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBeUndefined();
    await small.body.dump();
    const filler = { ...JSON.parse(configMap('large')), data: { filler: 'x'.repeat(200_000) } };
    await (await ask(maps, { method: 'POST', headers: json, body: JSON.stringify(filler) })).body.dump();
    const large = await ask(`${maps}/large`, { headers: { 'accept-encoding': 'gzip' } });
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(large.headers['vary']).toContain('Accept-Encoding');
    expect(JSON.parse(gunzipSync(Buffer.from(await large.body.arrayBuffer())).toString()).data).toEqual(filler.data);
    const range = await ask(`${maps}/large`, { headers: { range: 'bytes=0-9' } });
    expect(range.statusCode).toBe(200);
    expect((await range.body.text()).length).toBeGreaterThan(200_000);
  });

  it('refuses bodies of types that it does not know, and takes those of none for JSON', async () => {
    const xml = await ask(maps, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' });
    expect([xml.statusCode, ((await xml.body.json()) as { reason: string }).reason]).toEqual([415, 'UnsupportedMediaType']);
    const none = await ask(maps, { method: 'POST', body: configMap('untyped') });
    expect(none.statusCode).toBe(201);
    await none.body.dump();
    const accept = await ask(maps, { headers: { accept: 'text/xml' } });
    expect(accept.statusCode).toBe(406);
    await accept.body.dump();
  });

  it('makes nothing of an upload that is given up, and serves on', async () => {
    const connection = await raw();
    connection.say(`POST ${maps} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n${configMap('given-up')}`);
    await sleep(100);
    connection.close();
    const chunked = await raw();
    chunked.say(`POST ${maps} HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"api\r\nzz\r\n`);
    expect(await chunked.toEnd()).not.toContain('201 Created');
    const missing = await ask(`${maps}/given-up`);
    expect(missing.statusCode).toBe(404);
    await missing.body.dump();
  });

  it('waits for slow writers', async () => {
    const connection = await raw();
    const body = configMap('slow');
    const text = `POST ${maps} HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${last}\r\n${body}`;
    for (let at = 0; at < text.length; at += 20) {
      connection.say(text.slice(at, at + 20));
      await sleep(20);
    }
    expect(await connection.toEnd()).toMatch(/^HTTP\/1.1 201 Created/);
  });

  it('lets slow readers of a watch wait without holding up others', async () => {
    const slow = await raw();
    slow.say(`GET ${maps}?watch=true&resourceVersion=0 HTTP/1.1\r\n${host}\r\n`);
    await slow.until(/"ADDED"/);
    slow.socket.pause();
    for (let round = 0; round < 40; round++)
      await (
        await ask(`${maps}/large`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/merge-patch+json' },
          body: JSON.stringify({ data: { round: String(round) } }),
        })
      ).body.dump();
    const fast = await raw();
    fast.say(`GET ${maps}?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dlarge HTTP/1.1\r\n${host}\r\n`);
    expect(await fast.until(/"round":"39"/)).toContain('"ADDED"');
    slow.socket.resume();
    await slow.until(/"round":"39"/);
    expect(slow.received.match(/"type":"MODIFIED"/g)).toHaveLength(40);
  });

  it('answers on a connection whose other half is closed', async () => {
    const connection = await raw();
    connection.say(`GET ${maps}?limit=1 HTTP/1.1\r\n${host}\r\n`);
    connection.socket.end();
    expect(await connection.toEnd()).toMatch(/^HTTP\/1.1 200 OK[\s\S]*ConfigMapList/);
  });
});
