// Kills at random moments under load: after each restart the cluster converges, running containers are adopted and not
// restarted, and nothing that was acknowledged is lost. Afterwards reset leaves no trace.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, ensureBox } from '../src/box-image.js';
import { Cluster, dockerMissing, eventually, run, steersman } from '../src/cluster.js';

const missing = dockerMissing();
if (missing) console.log(`the restarts are skipped: ${missing}`);

const kills = Number(process.env['STEERSMAN_KILLS'] ?? 5);

/** What of a cluster is on the machine: containers, links, rules, mounts. */
async function traces(): Promise<string[]> {
  const containers = (await run('docker', ['ps', '-a', '--format', '{{.Names}}'])).stdout.split('\n').filter((name) => name.startsWith('k8s_'));
  const links = (await run('ip', ['-br', 'link'])).stdout.split('\n').filter((line) => /^(steersman|veth)/.test(line));
  const rules = (await run('iptables-save', [])).stdout.split('\n').filter((line) => /KUBE-|STEERSMAN-/.test(line));
  const mounts = (await run('cat', ['/proc/mounts'])).stdout.split('\n').filter((line) => line.includes('steersman-e2e-'));
  return [...containers, ...links, ...rules, ...mounts];
}

describe.skipIf(missing)('restarts', () => {
  const cluster = new Cluster(['--store', 'embedded', '--runtime', 'docker']);
  const kubectl = cluster.kubectl.bind(cluster);

  beforeAll(async () => {
    ensureBox();
    await cluster.up();
    await kubectl(['create', 'deployment', 'web', `--image=${box}`, '--replicas=3', '--', 'sleep', '3600']);
    await kubectl('rollout status deployment/web --timeout=60s');
  });
  afterAll(() => cluster.destroy());

  it(`survives kill -9 under load, ${kills} times`, { timeout: 60_000 * kills }, async () => {
    const containers = async (): Promise<string[]> =>
      (
        await run('docker', ['ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}', '--filter', 'name=k8s_sleep_web', '--filter', 'name=k8s_box_web'])
      ).stdout
        .trim()
        .split('\n')
        .sort();
    const before = await containers();
    expect(before).toHaveLength(3);
    const acknowledged: string[] = [];
    for (let round = 0; round < kills; round++) {
      let killed = false;
      const load = Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; !killed; n++) {
          const name = `load-${round}-${writer}-${n}`;
          const { code } = await cluster.tryKubectl(['create', 'configmap', name]);
          if (code === 0) acknowledged.push(name);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 900));
      killed = true;
      await cluster.kill();
      await Promise.all(load);
      await cluster.up();
      await eventually(async () => expect(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('3'), {
        timeoutMs: 60_000,
      });
    }
    const names = new Set((await kubectl('get configmaps -o name')).split('\n'));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter((name) => !names.has(`configmap/${name}`))).toEqual([]);
    expect(await containers()).toEqual(before);
    expect(await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.containerStatuses[0].restartCount}'])).toBe('0 0 0');
  });

  it('stops cleanly, and reset leaves no trace', async () => {
    expect(await cluster.stop()).toBe(0);
    const reset = await steersman(['reset', '--data-dir', cluster.dataDir]);
    expect(reset.code).toBe(0);
    expect(await traces()).toEqual([]);
  });
});
