// The same cluster with every component as its own process over gRPC and etcd: the main job, and kill -9 of each component.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../src/apart.js';
import { box, ensureBox, newerBox } from '../src/box-image.js';
import { dockerMissing, eventually } from '../src/cluster.js';

const missing = dockerMissing() ?? (spawnSync('etcd', ['--version']).status === 0 ? undefined : 'there is no etcd');
if (missing) console.log(`the components apart are skipped: ${missing}`);

const components = ['apiserver', 'controller-manager', 'scheduler', 'kubelet', 'overlay', 'kube-proxy', 'cluster-dns'];

describe.skipIf(missing)('components apart', () => {
  const cluster = new ApartCluster();
  const kubectl = cluster.kubectl.bind(cluster);

  beforeAll(async () => {
    ensureBox();
    await cluster.up().catch((error: unknown) => {
      throw new Error(cluster.logs(), { cause: error });
    });
  });
  afterAll(() => cluster.destroy());

  it('runs a deployment behind a service, found by name', async () => {
    await kubectl([
      'create',
      'deployment',
      'web',
      `--image=${box}`,
      '--replicas=2',
      '--',
      'sh',
      '-c',
      'hostname > /www/index.html; exec httpd -f -p 8080 -h /www',
    ]);
    await kubectl('rollout status deployment/web --timeout=60s');
    await kubectl('expose deployment web --port=80 --target-port=8080');
    await kubectl(['run', 'client', `--image=${box}`, '--restart=Never', '--', 'sleep', '3600']);
    await kubectl('wait --for=condition=Ready pod/client --timeout=30s');
    await eventually(async () =>
      expect(await kubectl(['exec', 'client', '--', 'sh', '-c', "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 web 80"])).toMatch(/web-/),
    );
    expect(await kubectl(['exec', '-i', 'client', '--', 'cat'], { input: 'through' })).toBe('through');
  });

  it('rolls out', async () => {
    await kubectl(['set', 'image', 'deployment/web', `box=${newerBox}`]);
    await kubectl('rollout status deployment/web --timeout=90s');
  });

  it.each(components)('goes on after kill -9 of %s', async (name) => {
    const containers = (): string => spawnSync('docker', ['ps', '-q', '--no-trunc', '--filter', 'name=k8s_client_client']).stdout.toString();
    const before = containers();
    await cluster.restart(name);
    const deployment = `after-${name}`;
    await eventually(() => kubectl(['create', 'deployment', deployment, `--image=${box}`, '--', 'sleep', '3600']), { timeoutMs: 30_000 });
    await eventually(async () => expect(await kubectl(['get', 'deployment', deployment, '-o', 'jsonpath={.status.readyReplicas}'])).toBe('1'), {
      timeoutMs: 60_000,
    });
    expect(containers()).toBe(before);
    await kubectl(`delete deployment ${deployment} --wait=false`);
  });
});
