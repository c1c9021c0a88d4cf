// A kubelet on a hollow node and a real API server: what the kubelet says of its pods stands, whoever writes over it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, conditionOf, type Pod, silentLogger, systemClock, systemRandom, VirtualClock } from '@steersman/api';
import { Client, strategicMerge } from '@steersman/client';
import { HollowRuntime, hollowMachine, Kubelet } from '@steersman/kubelet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../../apiserver/test/memory-server.js';

const stop = new AbortController();
const dataDir = mkdtempSync(join(tmpdir(), 'steersman-pod-status-'));
const key = { namespace: 'default', name: 'web' };
/** Time passes, and leaps where a test wants it to. */
const leaps = new VirtualClock();
const clock: Clock = { ...systemClock, sleep: (delayMs, signal) => Promise.race([systemClock.sleep(delayMs, signal), leaps.sleep(delayMs, signal)]) };
let client: Client;
let running: Promise<void>;

const pod = (): Promise<Pod> => client.get('Pod', key);
const readiness = async (): Promise<string | undefined> => conditionOf((await pod()).status?.conditions, 'Ready')?.status;

beforeAll(async () => {
  const { api } = await testServer(stop.signal);
  client = new Client(api);
  const tools = { clock, random: systemRandom, logger: silentLogger };
  const runtime = new HollowRuntime(tools);
  runtime.setPodCidr('10.244.0.0/24');
  const kubelet = new Kubelet({ ...tools, client, nodeName: 'one', machine: hollowMachine({ address: '127.0.0.1' }), runtime, dataDir });
  running = kubelet.run(stop.signal);
  await kubelet.ready;
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'default' } });
  await client.create<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: key,
    spec: { nodeName: 'one', automountServiceAccountToken: false, containers: [{ name: 'web', image: 'web:1' }] },
  });
});
afterAll(async () => {
  stop.abort();
  await running;
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the status of a pod', () => {
  it('says that a pod which runs is ready', async () => {
    await expect.poll(readiness, { timeout: 10_000 }).toBe('True');
  });

  it('is written again where somebody took the pod for not ready', async () => {
    const condition = { ...conditionOf((await pod()).status?.conditions, 'Ready'), status: 'False' };
    await client.patch('Pod', key, { status: { conditions: [condition] } }, { subresource: 'status', type: strategicMerge });
    expect(await readiness()).toBe('False');
    await expect
      .poll(
        async () => {
          await leaps.advance(10_000);
          return readiness();
        },
        { timeout: 10_000 },
      )
      .toBe('True');
  });

  it('is left alone as long as it stands', async () => {
    const { resourceVersion } = (await pod()).metadata;
    for (let round = 0; round < 5; round++) await leaps.advance(10_000);
    expect((await pod()).metadata.resourceVersion).toBe(resourceVersion);
  });
});
