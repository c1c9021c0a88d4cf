// Kills at random moments under load: after each restart the cluster converges, running containers are adopted and not
// restarted, and nothing that was acknowledged is lost. Afterwards reset leaves no trace.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, ensureBox } from '../src/box-image.js';
import { Cluster, dockerMissing, steersman } from '../src/cluster.js';
import { kills, Load, testRandom } from '../src/load.js';
import { eventually, run } from '../src/run.js';
import { containersNamed, tracesOf } from '../src/traces.js';

const missing = dockerMissing();
if (missing) console.log(`the restarts are skipped: ${missing}`);

describe.skipIf(missing)('restarts', () => {
  const cluster = new Cluster(['--store', 'embedded', '--runtime', 'docker']);
  const kubectl = cluster.kubectl.run.bind(cluster.kubectl);

  beforeAll(async () => {
    ensureBox();
    await cluster.up();
    await kubectl(['create', 'deployment', 'web', `--image=${box}`, '--replicas=3', '--', 'serve']);
    await kubectl('rollout status deployment/web --timeout=60s');
  });
  afterAll(() => cluster.destroy());

  it(`survives kill -9 under load, ${kills} times`, { timeout: 60_000 * kills }, async () => {
    const before = await containersNamed('k8s_box_web');
    expect(before).toHaveLength(3);
    const load = new Load(cluster.kubectl, testRandom());
    for (let round = 0; round < kills; round++) {
      await load.during(() => cluster.kill());
      await cluster.up();
      await eventually(async () => expect(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('3'), {
        timeoutMs: 60_000,
      });
    }
    expect(load.acknowledged.length).toBeGreaterThan(0);
    expect(await load.lost()).toEqual([]);
    expect(await containersNamed('k8s_box_web')).toEqual(before);
    expect(await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.containerStatuses[0].restartCount}'])).toBe('0 0 0');
  });

  it('makes the bridge of the pod network again when somebody takes it away', async () => {
    await run('ip', ['link', 'delete', 'steersman0']);
    await kubectl(['run', 'asker', `--image=${box}`, '--restart=Never', '--', 'idle']);
    await kubectl('wait --for=condition=Ready pod/asker --timeout=30s');
    const address = await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].status.podIP}']);
    await eventually(() => kubectl(['exec', 'asker', '--', 'sh', '-c', `nc -w 2 ${address} 8080 < /dev/null`]));
  });

  it('stops cleanly, and reset leaves no trace', async () => {
    expect(await cluster.stop()).toBe(0);
    const reset = await steersman(['reset', '--data-dir', cluster.dataDir]);
    expect(reset.code).toBe(0);
    expect(await tracesOf(cluster.dataDir)).toEqual([]);
  });
});
