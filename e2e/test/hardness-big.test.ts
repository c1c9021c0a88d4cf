// The same in large: thousands of connections and watchers, clients that are slow for a minute. By hand: npm run hardness
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HardServer } from '../src/hardness/hard-server.js';
import { get, type RawConnection } from '../src/hardness/raw-connection.js';

const configMaps = '/api/v1/namespaces/default/configmaps';
const server = new HardServer();

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3000));
const upload = (headers: string): string => `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n`;

/** Opens many connections, some at a time, and lets each begin. */
async function many(count: number, begin: (connection: RawConnection) => Promise<void>): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  const opener = async (): Promise<void> => {
    while (connections.length < count) {
      const connection = await server.raw();
      if (connections.push(connection) > count) return connection.end();
      await begin(connection);
    }
  };
  await Promise.all(Array.from({ length: 50 }, opener));
  return connections.slice(0, count);
}

function endAll(connections: readonly RawConnection[]): void {
  for (const connection of connections) connection.end();
}

/** How many connections live on, and the longest that one of the others lived, in seconds. */
async function fates(connections: readonly RawConnection[], atMostMs: number): Promise<{ alive: number; longest: number }> {
  const lives = await Promise.all(connections.map((connection) => connection.lives(atMostMs)));
  const alive = connections.filter(({ socket }) => !socket.destroyed).length;
  return { alive, longest: Math.round(Math.max(...lives.filter((ms) => ms < atMostMs)) / 1000) };
}

describe('in large', { timeout: 300_000 }, () => {
  beforeAll(() => server.up());
  afterAll(() => server.down());

  it('10,000 connections that do nothing', async () => {
    const before = server.residentMiB;
    const connections = await many(10_000, async (connection) => {
      await connection.say(get('/version'));
      await connection.hears('"gitVersion"', 60_000);
    });
    await settled();
    const grown = server.residentMiB - before;
    console.log(`10,000 idle connections: ${before} MiB before, ${grown} MiB more, ${((grown * 1024) / 10_000).toFixed(1)} KiB each`);
    const begin = performance.now();
    expect((await server.ask('GET', '/readyz')).text).toBe('ok');
    console.log(`readyz among them: ${Math.round(performance.now() - begin)} ms`);
    expect(grown).toBeLessThan(1200);
    endAll(connections);
    await settled();
  });

  it('2,000 watchers, of which each sees each event', async () => {
    const before = server.residentMiB;
    const counts = new Map<RawConnection, number>();
    const watchers = await many(2000, async (connection) => {
      counts.set(connection, 0);
      connection.socket.on('data', (data: Buffer) =>
        counts.set(connection, counts.get(connection)! + data.toString('latin1').split('"type":"ADDED"').length - 1),
      );
      await connection.say(get(`${configMaps}?watch=1&labelSelector=!none&resourceVersion=1`));
      await connection.hears('HTTP/1.1 200', 60_000);
    });
    await settled();
    const initial = counts.get(watchers[0]!)!;
    const grown = server.residentMiB - before;
    const begin = performance.now();
    for (let n = 0; n < 200; n++) await server.createConfigMap(`seen-${n}`);
    while ([...watchers].some((one) => counts.get(one)! < initial + 200) && performance.now() - begin < 150_000)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const seconds = (performance.now() - begin) / 1000;
    console.log(
      `2,000 watchers: ${grown} MiB more, ${((grown * 1024) / 2000).toFixed(1)} KiB each; 400,000 events in ${seconds.toFixed(1)} s; then ${server.residentMiB} MiB`,
    );
    expect(watchers.every((one) => counts.get(one) === initial + 200)).toBe(true);
    endAll(watchers);
  });

  it('clients whose headers never end', async () => {
    const connections = await many(300, (connection) => connection.say('GET /version HTTP/1.1\r\nHost: x\r\n'));
    const dripping = setInterval(() => connections.forEach((connection) => void connection.say('X-A: b\r\n')), 1000);
    const { alive, longest } = await fates(connections, 45_000);
    clearInterval(dripping);
    console.log(`300 endless headers: ${alive} left after 45 s, the longest lived ${longest} s`);
    expect(alive).toBe(0);
  });

  it('clients whose bodies never end', async () => {
    const connections = await many(300, (connection) => connection.say(upload('Content-Length: 1000000\r\n')));
    const dripping = setInterval(() => connections.forEach((connection) => void connection.say(' ')), 1000);
    const { alive, longest } = await fates(connections, 75_000);
    clearInterval(dripping);
    console.log(`300 endless bodies: ${alive} left after 75 s, the longest lived ${longest} s`);
    expect(alive).toBe(0);
    expect(connections.every(({ received }) => received.startsWith('HTTP/1.1 504'))).toBe(true);
  });

  it('clients that do not read the long list they asked for', async () => {
    for (let n = 0; n < 60; n++) await server.createConfigMap(`large-${n}`, { text: 'x'.repeat(500_000) });
    const before = server.residentMiB;
    const connections = await many(50, async (connection) => {
      connection.socket.pause();
      await connection.say(get(configMaps));
    });
    await settled();
    const grown = server.residentMiB - before;
    const begin = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 62_000));
    for (const { socket } of connections) socket.resume();
    const { alive } = await fates(connections, 5000);
    console.log(
      `50 slow readers of 30 MB: ${before} MiB before, ${grown} MiB more; ${alive} left after ${Math.round((performance.now() - begin) / 1000)} s`,
    );
    expect(grown).toBeLessThan(600);
    expect(alive).toBe(0);
  });

  it('more requests than flow control lets wait', async () => {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'ann' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'ann' }],
    };
    expect((await server.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', binding)).code).toBe(201);
    const connections = await many(3000, (connection) => connection.say(upload('Impersonate-User: ann\r\nContent-Length: 1000\r\n')));
    await settled();
    const refused = connections.filter(({ received }) => received.startsWith('HTTP/1.1 429'));
    console.log(`3,000 requests of one user at a time: ${refused.length} refused with 429`);
    expect(refused.length).toBeGreaterThan(1000);
    expect(refused[0]!.received.toLowerCase()).toContain('retry-after: 1');
    expect((await server.ask('GET', '/readyz')).text).toBe('ok');
    endAll(connections);
  });
});
