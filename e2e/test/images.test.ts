// The images of deploy/: built, then a cluster of which every component is a container of its image.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from '../src/apart.js';
import { ensureNodeBase, nodeBase } from '../src/base-image.js';
import { box, ensureBox } from '../src/box-image.js';
import { dockerMissing } from '../src/cluster.js';
import { containersIn } from '../src/launch.js';
import { eventually, run } from '../src/run.js';
import { containersNamed, tracesOf } from '../src/traces.js';

const root = new URL('../..', import.meta.url).pathname;
const missing = dockerMissing() ?? (spawnSync('etcd', ['--version']).status === 0 ? undefined : 'there is no etcd');
if (missing) console.log(`the images are skipped: ${missing}`);

describe.skipIf(missing)('images', () => {
  const cluster: ApartCluster = new ApartCluster(containersIn(() => cluster.dataDir, 'e2e'));
  const kubectl = cluster.kubectl.run.bind(cluster.kubectl);

  const destroy = async (): Promise<void> => {
    await cluster.stop();
    await run('umount', ['--lazy', cluster.dataDir]);
    await cluster.destroy();
  };

  beforeAll(async () => {
    ensureBox();
    ensureNodeBase();
    const { code, stderr } = await run(process.execPath, [join(root, 'scripts/images.mjs'), '--tag', 'e2e', '--base', nodeBase], {
      timeoutMs: 300_000,
    });
    if (code !== 0) throw new Error(`the images were not built: ${stderr}`);
    // What the kubelet mounts must be seen by Docker Engine, and so by the host: many hosts share their mounts, some do not.
    await run('mount', ['--bind', cluster.dataDir, cluster.dataDir]);
    await run('mount', ['--make-rshared', cluster.dataDir]);
    await cluster.up().catch((error: unknown) => {
      throw new Error(cluster.logs(), { cause: error });
    });
  }, 400_000);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(cluster.logs(), await cluster.kubectl.picture());
  });
  afterAll(destroy);

  it('make a cluster that runs a deployment behind a service, found by name, with its configuration', async () => {
    await kubectl('create configmap page --from-literal=index.html=from-a-volume');
    const manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'box', image: box, command: ['httpd', '-f', '-p', '8080', '-h', '/page'], volumeMounts: [{ name: 'page', mountPath: '/page' }] },
        ],
        volumes: [{ name: 'page', configMap: { name: 'page' } }],
      },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    await kubectl('expose pod web --port=80 --target-port=8080');
    await kubectl(['run', 'client', `--image=${box}`, '--restart=Never', '--', 'idle']);
    await kubectl('wait --for=condition=Ready pod/client pod/web --timeout=60s');
    await eventually(async () =>
      expect(await kubectl(['exec', 'client', '--', 'sh', '-c', "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 web 80"])).toContain('from-a-volume'),
    );
  });

  it('go on with what runs after the kubelet was killed', async () => {
    const before = await containersNamed('k8s_client_client');
    await cluster.restart('kubelet');
    await kubectl(['create', 'deployment', 'after', `--image=${box}`, '--', 'idle']);
    await kubectl('rollout status deployment/after --timeout=60s');
    expect(await containersNamed('k8s_client_client')).toEqual(before);
  });

  it('leave no trace after reset', async () => {
    await destroy();
    expect(await tracesOf(cluster.dataDir)).toEqual([]);
  });
});
