// The same story with every component as its own process over gRPC and etcd, and kill -9 of each component under load.
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../src/apart.js';
import { box, ensureBox } from '../src/box-image.js';
import { dockerMissing } from '../src/cluster.js';
import { kills, Load, testRandom } from '../src/load.js';
import { eventually } from '../src/run.js';
import { tellStory } from '../src/story.js';
import { containersNamed } from '../src/traces.js';

const missing = dockerMissing() ?? (spawnSync('etcd', ['--version']).status === 0 ? undefined : 'there is no etcd');
if (missing) console.log(`the components apart are skipped: ${missing}`);

const components = ['apiserver', 'controller-manager', 'scheduler', 'kubelet', 'overlay', 'kube-proxy', 'cluster-dns'];

describe.skipIf(missing)('components apart', () => {
  const cluster = new ApartCluster();
  const kubectl = cluster.kubectl.run.bind(cluster.kubectl);

  beforeAll(async () => {
    ensureBox();
    await cluster.up().catch((error: unknown) => {
      throw new Error(cluster.logs(), { cause: error });
    });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(cluster.logs());
  });
  afterAll(() => cluster.destroy());

  tellStory(cluster);

  it(`goes on after kill -9 of its components under load, ${kills} times`, { timeout: 90_000 * kills }, async () => {
    const random = testRandom();
    const load = new Load(cluster.kubectl, random);
    const before = await containersNamed('k8s_client_client');
    for (let round = 0; round < kills; round++) {
      // Each of them once, then any.
      const victim = components[round] ?? components[Math.floor(random.number() * components.length)]!;
      await load.during(() => cluster.restart(victim));
      const deployment = `after-${round}-${victim}`;
      await eventually(() => kubectl(['create', 'deployment', deployment, `--image=${box}`, '--', 'idle']), { timeoutMs: 30_000 });
      await eventually(async () => expect(await kubectl(['get', 'deployment', deployment, '-o', 'jsonpath={.status.readyReplicas}'])).toBe('1'), {
        timeoutMs: 60_000,
      });
      await kubectl(`delete deployment ${deployment} --wait=false`);
    }
    expect(load.acknowledged.length).toBeGreaterThan(0);
    expect(await load.lost()).toEqual([]);
    expect(await containersNamed('k8s_client_client')).toEqual(before);
  });
});
