// A real API server under clients that are slow, rude, huge, or many; what takes long or much is in hardness-big.test.ts.

import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HardServer } from '../src/hardness/hard-server.js';
import { get, type RawConnection } from '../src/hardness/raw-connection.js';

const configMaps = '/api/v1/namespaces/default/configmaps';
const server = new HardServer();
beforeAll(() => server.up());
afterAll(() => server.down());

const upload = (headers: string): string => `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n`;

describe('requests that are too large', () => {
  it('have their headers refused beyond a mebibyte, and not before', async () => {
    expect((await server.ask('GET', '/version', undefined, { 'X-Large': 'x'.repeat(900_000) })).code).toBe(200);
    const connection = await server.raw();
    await connection.say(get('/version', `X-Large: ${'x'.repeat(1_100_000)}\r\n`));
    await connection.hears('HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n431');
    await connection.closed;
  });

  it('have their paths refused in the same way', async () => {
    const connection = await server.raw();
    await connection.say(get(`/${'x'.repeat(1_100_000)}`));
    await connection.hears('431 Request Header Fields Too Large');
  });

  it('lose none of their header lines, however many there are', async () => {
    const connection = await server.raw();
    const many = Array.from({ length: 3000 }, (_, n) => `X-${n}: 1\r\n`).join('');
    await connection.say(get(`${configMaps}/none`, `${many}Impersonate-User: ann\r\n`));
    await connection.hears('User \\"ann\\" cannot get resource');
    connection.end();
  });

  it('are refused by their length without being read, and while they come in', async () => {
    for (const [headers, body] of [
      [`Content-Length: ${100 * 1024 ** 2}\r\n`, 'x'],
      ['Transfer-Encoding: chunked\r\n', `400000\r\n${'x'.repeat(0x400000)}\r\n`],
    ] as const) {
      const connection = await server.raw();
      await connection.say(`${upload(headers)}${body}`);
      await connection.hears('HTTP/1.1 413');
      await connection.hears('Request entity too large: limit is 3145728');
      connection.end();
    }
  });

  it('are not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 ** 2, ' '));
    const before = server.residentMiB;
    const { code } = await server.ask('POST', configMaps, bomb, { 'Content-Encoding': 'gzip' });
    expect(code).toBe(400);
    expect(server.residentMiB - before).toBeLessThan(100);
  });

  it('may be as deep as upstream takes them, and no deeper', async () => {
    const deep = (depth: number): string =>
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect((await server.ask('POST', `${configMaps}?dryRun=All`, deep(9_990))).code).toBe(201);
    const { code, text } = await server.ask('POST', configMaps, deep(500_000));
    expect(code).toBe(400);
    expect(text).toContain('exceeded max depth');
  });
});

describe('what is no HTTP', () => {
  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nBad header\r\n\r\n',
    'GET /version HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  ])('is refused: %j', async (text) => {
    const connection = await server.raw();
    await connection.say(text);
    await connection.hears('HTTP/1.1 400 Bad Request');
    await connection.closed;
  });
});

describe('clients that go away', () => {
  it('leave nothing behind of what they have not sent', async () => {
    const before = server.residentMiB;
    for (let round = 0; round < 200; round++) {
      const connection = await server.raw();
      await connection.say(`${upload('Content-Length: 3000000\r\n')}{"kind":"ConfigMap","data":{"a":"${'x'.repeat(100_000)}`);
      connection.end();
    }
    expect((await server.ask('GET', '/readyz')).text).toBe('ok');
    expect(server.residentMiB - before).toBeLessThan(300);
    expect(server.cluster.log).not.toContain('request failed');
  });
});

describe('a request that names a shorter deadline', () => {
  it('is answered when it is over', async () => {
    const connection = await server.raw();
    await connection.say(upload('Content-Length: 1000\r\n').replace('configmaps', 'configmaps?timeout=300ms'));
    await connection.hears('HTTP/1.1 504');
    await connection.hears('Timeout: request did not complete within the allotted timeout');
    await connection.closed;
  });

  it('is refused where it is none', async () => {
    const { code, text } = await server.ask('GET', `${configMaps}?timeout=soon`);
    expect(code).toBe(400);
    expect(text).toContain('invalid timeout specified in the request URL - time: invalid duration');
  });
});

describe('watchers', () => {
  const watching = async (path: string): Promise<RawConnection> => {
    const connection = await server.raw();
    await connection.say(get(`${configMaps}?watch=1&${path}`));
    await connection.hears('HTTP/1.1 200');
    return connection;
  };

  it('that do not read are cut off, and others see everything', async () => {
    const slow = await watching('');
    slow.socket.pause();
    const good = await watching('labelSelector=!none');
    const data = { text: 'x'.repeat(3000) };
    await server.createConfigMap('busy', data);
    const before = server.residentMiB;
    const writer = async (number: number): Promise<void> => {
      for (let n = 0; n < 5000; n++) {
        await server.ask('PATCH', `${configMaps}/busy`, { data: { last: `${number}-${n}` } }, { 'Content-Type': 'application/merge-patch+json' });
      }
    };
    await Promise.all([0, 1, 2, 3].map(writer));
    await server.ask('PATCH', `${configMaps}/busy`, { data: { last: 'the-end' } }, { 'Content-Type': 'application/merge-patch+json' });
    await good.hears('the-end');
    slow.socket.resume();
    expect(await slow.lives(5000)).toBeLessThan(5000);
    expect(slow.received).not.toContain('the-end');
    expect(server.residentMiB - before).toBeLessThan(800);
    good.end();
  }, 120_000);
});

describe('a server that stops', () => {
  const stopping = new HardServer();
  afterAll(() => stopping.down());

  it('answers what is under way, ends watches, and takes nothing new', async () => {
    await stopping.up();
    const connection = await stopping.raw();
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } });
    await connection.say(`${upload(`Content-Length: ${body.length}\r\n`)}${body.slice(0, 10)}`);
    const watch = await stopping.raw();
    await watch.say(get(`${configMaps}?watch=1`));
    await watch.hears('HTTP/1.1 200');
    const exit = stopping.cluster.stop();
    await watch.hears('\r\n0\r\n\r\n');
    await expect(stopping.raw()).rejects.toThrow('ECONNREFUSED');
    await sleep(500);
    await connection.say(body.slice(10));
    await connection.hears('HTTP/1.1 201 Created');
    await connection.closed;
    expect(await exit).toBe(0);
  });
});
