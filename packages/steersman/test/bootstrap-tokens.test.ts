// Bootstrap tokens in a cluster whose controllers run: signatures of cluster-info, and the end of expired tokens.
import { createHmac } from 'node:crypto';
import { type ConfigMap, isNotFound, type Secret, silentLogger, systemClock, systemRandom, toTime } from '@steersman/api';
import { Client } from '@steersman/client';
import { ControllerManager } from '@steersman/controller-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../../apiserver/test/memory-server.js';

const tools = { clock: systemClock, random: systemRandom, logger: silentLogger };
const stop = new AbortController();
let client: Client;

beforeAll(async () => {
  const server = await testServer(stop.signal);
  const clientOf = async (name: string, ...groups: string[]): Promise<Client> =>
    new Client(await server.transport({ name, groups: [...groups, 'system:authenticated'] }));
  const manager = new ControllerManager({
    ...tools,
    client: await clientOf('system:kube-controller-manager'),
    clientOf: (controller) =>
      clientOf(`system:serviceaccount:kube-system:${controller}`, 'system:serviceaccounts', 'system:serviceaccounts:kube-system'),
    rootCa: server.authority.cert,
  });
  void manager.run(stop.signal);
  client = new Client(server.api);
});
afterAll(() => stop.abort());

const createToken = (id: string, data: Record<string, string>): Promise<Secret> =>
  client.create<Secret>({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', ...data },
  });

const clusterInfo = (): Promise<ConfigMap> => client.get('ConfigMap', { name: 'cluster-info', namespace: 'kube-public' });

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('bootstrap tokens', () => {
  it('sign cluster-info while they may', async () => {
    const kubeconfig = 'apiVersion: v1\nkind: Config\n';
    await client.create<ConfigMap>({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: { kubeconfig, 'jws-kubeconfig-old': 'x' },
    });
    await createToken('aaaaaa', { 'usage-bootstrap-signing': 'true' });
    await createToken('bbbbbb', { 'usage-bootstrap-authentication': 'true' });
    const header = encoded('{"alg":"HS256","kid":"aaaaaa"}');
    const mac = createHmac('sha256', '0123456789abcdef')
      .update(`${header}.${encoded(kubeconfig)}`)
      .digest('base64url');
    await expect
      .poll(async () => (await clusterInfo()).data, { timeout: 10_000 })
      .toEqual({ kubeconfig, 'jws-kubeconfig-aaaaaa': `${header}..${mac}` });
    await client.delete('Secret', { name: 'bootstrap-token-aaaaaa', namespace: 'kube-system' });
    await expect.poll(async () => (await clusterInfo()).data, { timeout: 10_000 }).toEqual({ kubeconfig });
  });

  it('are deleted when they expire, and not before', async () => {
    await createToken('cccccc', { expiration: toTime(systemClock.now() + 2000) });
    await createToken('dddddd', { expiration: toTime(systemClock.now() + 3_600_000) });
    const gone = (id: string): Promise<boolean> =>
      client.get('Secret', { name: `bootstrap-token-${id}`, namespace: 'kube-system' }).then(
        () => false,
        (error: unknown) => isNotFound(error),
      );
    expect(await gone('cccccc')).toBe(false);
    await expect.poll(() => gone('cccccc'), { timeout: 10_000 }).toBe(true);
    expect(await gone('dddddd')).toBe(false);
  });
});
