// A cluster whose clock leaps: what would take hours happens at once, each thing at its own time.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, steersman } from '../src/cluster.js';
import { eventually } from '../src/run.js';

const missing = spawnSync('kubectl', ['version', '--client']).status === 0 ? undefined : 'there is no kubectl';
if (missing) console.log(`virtual time is skipped: ${missing}`);

describe.skipIf(missing)('virtual time', () => {
  const cluster = new Cluster(['--virtual-time']);
  const kubectl = cluster.kubectl.run.bind(cluster.kubectl);
  const advance = (duration: string): ReturnType<typeof steersman> => steersman(['advance', duration, '--data-dir', cluster.dataDir]);

  beforeAll(() => cluster.up());
  afterAll(() => cluster.destroy());

  it('ends a pod at its deadline, and keeps the node ready on the way', async () => {
    await kubectl(['run', 'short', '--image=any', '--overrides={"spec":{"activeDeadlineSeconds":3600}}']);
    await kubectl('wait --for=condition=Ready pod/short --timeout=20s');
    expect((await advance('59m')).stdout).toMatch(/^it is now \S+Z in the cluster\n$/);
    expect(await kubectl('get pod short -o jsonpath={.status.phase}')).toBe('Running');
    expect((await advance('2m')).code).toBe(0);
    expect(await kubectl('get pod short -o jsonpath={.status.phase}/{.status.reason}')).toBe('Failed/DeadlineExceeded');
    expect(await kubectl('get nodes')).toMatch(/ Ready .* 61m /);
  });

  it('goes on at the pace of the machine', async () => {
    await kubectl('create deployment web --image=any --replicas=2');
    await eventually(async () => expect(await kubectl('get deployment web -o jsonpath={.status.readyReplicas}')).toBe('2'));
  });

  it('refuses what is no duration, and clusters on the time of the machine', async () => {
    expect(await advance('soon')).toMatchObject({ code: 1, stderr: expect.stringContaining('soon is not a duration: write it like 90s') });
    const other = new Cluster(['--runtime', 'none', '--store', 'memory']);
    try {
      await other.up();
      const { code, stderr } = await steersman(['advance', '1h', '--data-dir', other.dataDir]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/is not on virtual time: start it with --virtual-time/);
    } finally {
      await other.destroy();
    }
    const { stderr } = await steersman(['up', '--virtual-time', '--store', 'embedded', '--data-dir', `${other.dataDir}-embedded`]);
    expect(stderr).toContain('--virtual-time wants --store memory');
  });
});
