// The main job from end to end, as a new user lives it: an unmodified kubectl against a real cluster on Docker.
// Told of any cluster: one process or every component apart.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { createSigningRequest } from '@steersman/component-base';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { execute, followLog, talkTo } from '../clients/node/streams.js';
import { box, newerBox } from './box-image.js';
import { freePort } from './cluster.js';
import { Kubectl } from './kubectl.js';
import { pythonEnvironment, pythonMissing } from './python-programs.js';
import { eventually, run } from './run.js';

/** What the story needs of a cluster; it must be up before the first test. */
export interface StoryCluster {
  readonly kubectl: Kubectl;
  /** A directory for files of the tests. */
  readonly dataDir: string;
}

/** Defines the story's tests; to be called in a `describe`, after the hook that brings the cluster up. */
export function tellStory(cluster: StoryCluster): void {
  const kubectl = cluster.kubectl.run.bind(cluster.kubectl);

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await cluster.kubectl.picture());
  });

  beforeAll(async () => {
    await kubectl(['create', 'deployment', 'web', `--image=${box}`, '--replicas=3', '--', 'serve']);
    await kubectl('rollout status deployment/web --timeout=60s');
    await kubectl('expose deployment web --port=80 --target-port=8080');
    await kubectl(['run', 'client', `--image=${box}`, '--restart=Never', '--', 'idle']);
    await kubectl('wait --for=condition=Ready pod/client --timeout=30s');
  });

  const fetchFromClient = (host: string, port = 80): Promise<string> =>
    kubectl(['exec', 'client', '--', 'sh', '-c', `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${host} ${port}`]);

  it('shows the pods of a deployment', async () => {
    const out = await kubectl('get pods -o wide -l app=web');
    expect(out.trim().split('\n')).toHaveLength(4);
    expect(out).toMatch(/10\.244\.0\.\d+/);
  });

  it('reaches a service by cluster IP, by name and by node port', async () => {
    const { spec } = await cluster.kubectl.json<{ spec: { clusterIP: string } }>('get service web');
    await eventually(async () => expect((await run('curl', ['-sf', '-m', '3', `http://${spec.clusterIP}/`])).stdout).toMatch(/^web-/));
    expect(await fetchFromClient('web')).toMatch(/web-/);
    expect(await fetchFromClient('web.default.svc.cluster.local')).toMatch(/web-/);
    await kubectl(['patch', 'service', 'web', '-p', '{"spec":{"type":"NodePort"}}']);
    const changed = await cluster.kubectl.json<{ spec: { ports: { nodePort: number }[] } }>('get service web');
    await eventually(async () =>
      expect((await run('curl', ['-sf', '-m', '3', `http://127.0.0.1:${changed.spec.ports[0]?.nodePort}/`])).stdout).toMatch(/^web-/),
    );
  });

  it('scales', async () => {
    await kubectl('scale deployment/web --replicas=5');
    await kubectl('rollout status deployment/web --timeout=60s');
    expect((await kubectl('get pods -l app=web --no-headers')).trim().split('\n')).toHaveLength(5);
    await kubectl('scale deployment/web --replicas=3');
    await eventually(async () => expect((await kubectl('get pods -l app=web --no-headers')).trim().split('\n')).toHaveLength(3), {
      timeoutMs: 60_000,
    });
  });

  it('rolls an image out without dropping below its availability, and back', async () => {
    const seen: number[] = [];
    let rolling = true;
    const watch = (async () => {
      while (rolling)
        seen.push((await cluster.kubectl.json<{ status: { availableReplicas?: number } }>('get deployment web')).status.availableReplicas ?? 0);
    })();
    await kubectl(['set', 'image', 'deployment/web', `box=${newerBox}`]);
    await kubectl('rollout status deployment/web --timeout=90s');
    rolling = false;
    await watch;
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(3);
    expect(await kubectl('rollout history deployment/web')).toMatch(/1\s+.*\n2\s+/);
    await kubectl('rollout undo deployment/web');
    await kubectl('rollout status deployment/web --timeout=90s');
    expect(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'])).toBe(box);
  });

  it('follows logs, runs commands and copies files', async () => {
    await kubectl(['run', 'talker', `--image=${box}`, '--restart=Never', '--', 'sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 0.2; done']);
    await eventually(async () => expect(await kubectl('logs -f talker')).toBe('line 1\nline 2\nline 3\n'));
    expect(await kubectl('logs --tail=1 talker')).toBe('line 3\n');
    expect(await kubectl(['exec', '-i', 'client', '--', 'cat'], { input: 'through stdin' })).toBe('through stdin');
    expect((await cluster.kubectl.try(['exec', 'client', '--', 'sh', '-c', 'exit 7'])).code).toBe(7);
    const file = join(cluster.dataDir, 'note.txt');
    writeFileSync(file, 'copied');
    await kubectl(['cp', file, 'client:/tmp/note.txt']);
    expect(await kubectl('exec client -- cat /tmp/note.txt')).toBe('copied');
  });

  it('runs commands on a terminal', async () => {
    const { code, stdout } = await cluster.kubectl.terminal(
      ['exec', '-it', 'client', '--', 'sh'],
      [
        [/# /, 'tty; stty size\n'],
        [/40 100[\s\S]*# /, 'exit 3\n'],
      ],
    );
    expect(stdout).toMatch(/\/dev\/pts\/\d/);
    expect(code).toBe(3);
  });

  it.skipIf(!process.env['KUBECTL_SPDY'])('speaks SPDY with kubectl 1.20', async () => {
    const old = cluster.kubectl.by(process.env['KUBECTL_SPDY'] ?? '');
    expect(await old.run(['exec', '-i', 'client', '--', 'cat'], { input: 'over spdy' })).toBe('over spdy');
    expect(await old.run('logs talker')).toContain('line 3');
    const { stdout } = await old.terminal(['exec', '-it', 'client', '--', 'sh'], [[/# /, 'stty size; exit\n']]);
    expect(stdout).toContain('40 100');
  });

  it.skipIf(!process.env['KUBECTL_SPDY'])('explains kinds to kubectl 1.20 and lets it check what it applies', async () => {
    const old = cluster.kubectl.by(process.env['KUBECTL_SPDY'] ?? '');
    expect(await old.run('explain deployment.spec.strategy')).toContain('rollingUpdate');
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'checked' }, dta: {} });
    expect((await old.try(['apply', '-f', '-'], { input })).stderr).toContain('unknown field "dta" in io.k8s.api.core.v1.ConfigMap');
    expect(await old.run(['apply', '-f', '-'], { input: input.replace('dta', 'data') })).toContain('created');
  });

  it('signs the certificate of a new user, who then is known by it', async () => {
    const { request, key } = await createSigningRequest({ commonName: 'ada', organizations: ['engineers'] });
    const signing = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'ada' },
      spec: { request: Buffer.from(request).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(signing) });
    expect(await kubectl('get csr ada')).toMatch(/ada +\S+ +kubernetes.io\/kube-apiserver-client +kubernetes-admin +<none> +Pending/);
    await kubectl('certificate approve ada');
    const certificate = await eventually(async () => {
      const issued = await kubectl('get csr ada -o jsonpath={.status.certificate}');
      if (!issued) throw new Error('no certificate yet');
      return issued;
    });
    expect(await kubectl('get csr ada')).toMatch(/Approved,Issued/);
    const config = JSON.parse(await kubectl('config view --raw -o json')) as { users: { name: string; user: object }[] };
    config.users[0]!.user = { 'client-certificate-data': certificate, 'client-key-data': Buffer.from(key).toString('base64') };
    const file = join(cluster.dataDir, 'ada.conf');
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    expect(await new Kubectl(file).run('auth whoami')).toMatch(/Username +ada\nGroups +\[engineers system:authenticated\]/);
  });

  it('serves the streams of the JavaScript client', async () => {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubectl.kubeconfig);
    const client = { namespace: 'default', pod: 'client', container: 'client' };
    expect(await execute(config, client, { command: ['cat'], input: 'by WebSocket' })).toMatchObject({
      stdout: 'by WebSocket',
      status: { status: 'Success' },
    });
    const failed = await execute(config, client, { command: ['sh', '-c', 'echo bad >&2; exit 7'] });
    expect(failed).toMatchObject({ stderr: 'bad\n', status: { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '7' }] } } });
    expect(await followLog(config, { namespace: 'default', pod: 'talker', container: 'talker' })).toBe('line 1\nline 2\nline 3\n');
    const pod = (await kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}')).trim();
    expect(await talkTo(config, { namespace: 'default', pod }, { port: 8080, say: 'GET / HTTP/1.0\r\n\r\n', until: /web-/ })).toContain(pod);
  });

  it.skipIf(pythonMissing())('serves the streams of the Python client', async () => {
    const pod = (await kubectl('get pods -l app=web -o jsonpath={.items[0].metadata.name}')).trim();
    const streams = new URL('../clients/python/streams.py', import.meta.url).pathname;
    const { stdout, stderr } = await run(await pythonEnvironment(), [streams, cluster.kubectl.kubeconfig, pod]);
    expect(stderr).toBe('');
    expect(stdout).toBe(`exec: by Python\nsession: heard hello 4\nlog: ['line 1', 'line 2', 'line 3']\nport: ${pod}\n`);
  });

  it('forwards a port', async () => {
    const port = await freePort();
    const forward = cluster.kubectl.background(['port-forward', 'service/web', `${port}:80`]);
    try {
      await eventually(async () => expect((await run('curl', ['-sf', '-m', '3', `http://127.0.0.1:${port}/`])).stdout).toMatch(/^web-/));
    } finally {
      forward.kill();
    }
  });

  it('runs a pod in the foreground and removes it', async () => {
    const { code, stdout } = await cluster.kubectl.terminal(
      ['run', 'once', `--image=${box}`, '--rm', '-it', '--restart=Never', '--', 'sh', '-c', 'read word; echo "heard $word"; tty'],
      [[/If you don't see a command prompt/, 'hello\n']],
    );
    expect(stdout).toMatch(/heard hello\r\n\/dev\/pts\/\d/);
    expect(stdout).toContain('pod "once" deleted');
    expect(code).toBe(0);
    expect((await cluster.kubectl.try(['get', 'pod', 'once'])).stderr).toContain('not found');
  });

  it('gives configuration to pods as environment and files', async () => {
    await kubectl('create configmap settings --from-literal=colour=green');
    await kubectl('create secret generic token --from-literal=value=hidden');
    const manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'configured' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: box,
            command: ['sh', '-c', 'echo $COLOUR; cat /etc/token/value; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace'],
            env: [{ name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } }],
            volumeMounts: [{ name: 'token', mountPath: '/etc/token' }],
          },
        ],
        volumes: [{ name: 'token', secret: { secretName: 'token' } }],
      },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/configured', '--timeout=30s']);
    expect(await kubectl('logs configured')).toBe('green\nhiddendefault');
  });

  it('applies, labels, annotates, edits and describes', async () => {
    const manifest = (replicas: number): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'applied' },
        spec: {
          replicas,
          selector: { matchLabels: { app: 'applied' } },
          template: { metadata: { labels: { app: 'applied' } }, spec: { containers: [{ name: 'box', image: box, command: ['idle'] }] } },
        },
      });
    expect(await kubectl(['apply', '-f', '-'], { input: manifest(1) })).toBe('deployment.apps/applied created\n');
    expect(await kubectl(['apply', '-f', '-'], { input: manifest(1) })).toBe('deployment.apps/applied unchanged\n');
    expect(await kubectl(['apply', '-f', '-'], { input: manifest(2) })).toBe('deployment.apps/applied configured\n');
    await kubectl('label deployment applied tier=back');
    await kubectl('annotate deployment applied note=seen');
    await kubectl('edit deployment applied', { env: { KUBE_EDITOR: 'sed -i s/tier:.back/tier:\\ front/' } });
    const { metadata } = await cluster.kubectl.json<{ metadata: { labels: Record<string, string>; annotations: Record<string, string> } }>(
      'get deployment applied',
    );
    expect(metadata.labels['tier']).toBe('front');
    expect(metadata.annotations['note']).toBe('seen');
    await kubectl('rollout status deployment/applied --timeout=60s');
    expect(await kubectl('describe deployment applied')).toContain('2 desired | 2 updated | 2 total | 2 available');
    expect(await kubectl('describe pod client')).toContain('Successfully assigned default/client');
  });

  it('deletes in each form of cascade', async () => {
    const make = async (name: string): Promise<void> => {
      await kubectl(['create', 'deployment', name, `--image=${box}`, '--', 'idle']);
      await kubectl(`rollout status deployment/${name} --timeout=60s`);
    };
    await make('background');
    await kubectl('delete deployment background --cascade=background');
    await eventually(async () => expect(await kubectl('get replicasets,pods -l app=background -o name')).toBe(''), { timeoutMs: 60_000 });
    await make('foreground');
    await kubectl('delete deployment foreground --cascade=foreground --timeout=60s');
    expect(await kubectl('get replicasets -l app=foreground -o name')).toBe('');
    await make('orphan');
    await kubectl('delete deployment orphan --cascade=orphan');
    await eventually(async () =>
      expect(await cluster.kubectl.json<{ items: { metadata: { ownerReferences?: unknown[] } }[] }>('get replicasets -l app=orphan')).toMatchObject({
        items: [{ metadata: { name: expect.stringContaining('orphan') } }],
      }),
    );
    await kubectl('delete replicaset -l app=orphan');
  });

  it('heals: a killed container, a deleted pod, a crash loop, a failing readiness probe', async () => {
    const pods = await cluster.kubectl.json<{
      items: { metadata: { name: string }; status: { containerStatuses: { containerID: string; restartCount: number }[] } }[];
    }>('get pods -l app=web');
    const [first, second] = pods.items;
    await run('docker', ['kill', first!.status.containerStatuses[0]!.containerID.replace(/^\w+:\/\//, '')]);
    await eventually(async () =>
      expect(
        await kubectl([
          'get',
          'pod',
          first!.metadata.name,
          '-o',
          'jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}',
        ]),
      ).toBe('1 true'),
    );
    await kubectl(['delete', 'pod', second!.metadata.name, '--now']);
    await eventually(async () => expect(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('3'), {
      timeoutMs: 60_000,
    });
    await kubectl(['run', 'crasher', `--image=${box}`, '--', 'false']);
    await eventually(
      async () =>
        expect(await kubectl(['get', 'pod', 'crasher', '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'])).toBe(
          'CrashLoopBackOff',
        ),
      { timeoutMs: 60_000 },
    );
    const probed = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probed', labels: { app: 'probed' } },
      spec: {
        containers: [
          {
            name: 'main',
            image: box,
            command: ['sh', '-c', 'touch /tmp/ready; exec idle'],
            ports: [{ containerPort: 80 }],
            readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 },
          },
        ],
      },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(probed) });
    await kubectl('wait --for=condition=Ready pod/probed --timeout=30s');
    await kubectl('expose pod probed --port=80');
    const ready = (): Promise<string> =>
      kubectl(['get', 'endpointslices', '-l', 'kubernetes.io/service-name=probed', '-o', 'jsonpath={.items[*].endpoints[*].conditions.ready}']);
    await eventually(async () => expect(await ready()).toBe('true'));
    await kubectl('exec probed -- rm /tmp/ready');
    await eventually(async () => expect(await ready()).toBe('false'));
  });
}
