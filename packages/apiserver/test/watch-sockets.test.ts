// Watches over WebSocket by a real client, against a real server.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
const path = '/api/v1/namespaces/default/configmaps';
let server: TestServer;

beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
});
afterAll(() => stop.abort());

interface Event {
  readonly type: string;
  readonly object: { readonly kind: string; readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

interface Watching {
  readonly socket: WebSocket;
  next(): Promise<{ text: string; binary: boolean }>;
}

function watching(query: string, { token = adminToken, origin = 'https://example.com', headers = {}, protocols = [] as string[] } = {}): Watching {
  const socket = new WebSocket(`wss://localhost:${server.port}${path}?watch=true${query}`, protocols, {
    ca: server.authority.cert,
    headers: { ...(origin && { Origin: origin }), ...(token && { Authorization: `Bearer ${token}` }), ...headers },
  });
  const messages: { text: string; binary: boolean }[] = [];
  let wake = (): void => {};
  socket.on('message', (data: Buffer, binary) => {
    messages.push({ text: data.toString('latin1'), binary });
    wake();
  });
  const next = async (): Promise<{ text: string; binary: boolean }> => {
    while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return messages.shift()!;
  };
  return { socket, next };
}

const create = (name: string, data: object = {}): Promise<unknown> =>
  ask(server.port, 'POST', path, { token: adminToken, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data } });

const parse = ({ text }: { text: string }): Event => JSON.parse(text) as Event;

/** The code that a handshake is refused with. */
async function refusal({ socket }: Watching): Promise<number | undefined> {
  const [error] = (await once(socket, 'error')) as unknown as [Error];
  return Number(/Unexpected server response: (\d+)/.exec(error.message)?.[1]);
}

describe('a watch over WebSocket', () => {
  it('tells of what there is and of every change, an event a message', async () => {
    await create('there');
    const { socket, next } = watching('&fieldSelector=metadata.name!=other');
    const first = await next();
    expect(first.binary).toBe(false);
    expect(first.text.endsWith('}\n')).toBe(true);
    expect(parse(first)).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'there' } } });
    await create('other');
    await create('new');
    expect(parse(await next())).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'new' } } });
    await ask(server.port, 'DELETE', `${path}/new`, { token: adminToken });
    expect(parse(await next())).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'new' } } });
    socket.close();
    await once(socket, 'close');
  });

  it('ends with the time that it was given', async () => {
    const { socket } = watching('&timeoutSeconds=1&resourceVersion=0');
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1000);
  });

  it('speaks protobuf in binary messages to those who accept it', async () => {
    const { socket, next } = watching('', { headers: { Accept: 'application/vnd.kubernetes.protobuf;stream=watch' } });
    const { binary, text } = await next();
    expect(binary).toBe(true);
    expect(text).toContain('k8s\0');
    socket.close();
  });

  it('takes the token of a browser, which comes as a protocol', async () => {
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from(adminToken).toString('base64url')}`;
    const { socket, next } = watching('', { token: '', protocols: [token, 'binary.k8s.io'] });
    expect(parse(await next()).type).toBe('ADDED');
    expect(socket.protocol).toBe('binary.k8s.io');
    socket.close();
  });

  it('is refused without rights, and without an origin', async () => {
    expect(await refusal(watching('', { token: tokenOf('nobody') }))).toBe(403);
    expect(await refusal(watching('', { origin: '' }))).toBe(403);
  });

  it.each(['&resourceVersion=abc', '&timeoutSeconds=x', '&sendInitialEvents=true', '&fieldSelector=nonsense=1'])(
    'is refused as over HTTP with %s',
    async (query) => {
      const { code } = await ask(server.port, 'GET', `${path}?watch=true${query}`, { token: adminToken });
      expect(code).toBeGreaterThanOrEqual(400);
      expect(await refusal(watching(query))).toBe(code);
    },
  );

  it('is answered over HTTP where another protocol is wanted', async () => {
    const answer = await ask(server.port, 'GET', `${path}?watch=true&timeoutSeconds=1`, {
      token: adminToken,
      headers: { Connection: 'Upgrade', Upgrade: 'h2c' },
      until: (bytes) => bytes.includes('}\n'),
    });
    expect(answer.code).toBe(200);
    expect(answer.text).toContain('"type":"ADDED"');
  });
});
