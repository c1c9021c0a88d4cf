import { seededRandom, silentLogger, systemClock, systemRandom } from '@steersman/api';
import Docker from 'dockerode';
import { afterAll, describe, expect, it } from 'vitest';
import type { ContainerConfig } from './container-config.js';
import type { ContainerRuntime } from './container-runtime.js';
import { clusterLabel } from './docker/docker-names.js';
import { dockerAnswers } from './docker/docker-ping.js';
import { DockerRuntime } from './docker/docker-runtime.js';
import { HollowRuntime } from './hollow/hollow-runtime.js';
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from './labels.js';
import type { PodSandboxConfig } from './sandbox-config.js';

const clusterId = `test-${systemRandom.uid()}`;
const image = 'golden/box:1';
const tools = { clock: systemClock, logger: silentLogger };
const docker = new Docker({ socketPath: '/var/run/docker.sock' });
const hasImage =
  (await dockerAnswers()) &&
  (await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    ));

const labels = (uid: string): Record<string, string> => ({ [podNameLabel]: 'p', [podNamespaceLabel]: 'n', [podUidLabel]: uid });
const sandboxOf = (uid: string): PodSandboxConfig => ({
  metadata: { name: 'p', namespace: 'n', uid, attempt: 0 },
  hostname: 'p',
  logDirectory: `/tmp/steersman-test/${uid}`,
  portMappings: [],
  labels: labels(uid),
  annotations: {},
  namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
  sysctls: {},
  hostAddress: '',
});
const containerOf = (uid: string, command: string[]): ContainerConfig => ({
  metadata: { name: 'main', attempt: 0 },
  image: { image },
  command,
  args: [],
  workingDir: '',
  envs: [{ key: 'A', value: 'one' }],
  mounts: [],
  devices: [],
  labels: { ...labels(uid), [containerNameLabel]: 'main' },
  annotations: {},
  stdin: false,
  stdinOnce: false,
  tty: false,
  resources: { cpuShares: 2, cpuQuota: 0, cpuPeriod: 100_000, memoryLimitBytes: 0, oomScoreAdj: 0, pidsLimit: 0 },
  security: {
    privileged: false,
    addCapabilities: [],
    dropCapabilities: [],
    supplementalGroups: [],
    supplementalGroupsPolicy: 'Merge',
    readonlyRootfs: false,
    noNewPrivileges: false,
    unmaskedProc: false,
    pid: 'container',
  },
});
const sleep = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];

function contract(name: string, create: () => ContainerRuntime, skip = false): void {
  describe.skipIf(skip)(name, () => {
    it('takes a pod from its sandbox to its removal, and tells of it', async () => {
      const runtime = create();
      const uid = systemRandom.uid();
      const stop = new AbortController();
      const events: string[] = [];
      const following = (async () => {
        for await (const { type, podUid } of runtime.events(stop.signal)) if (podUid === uid) events.push(type);
      })();
      const sandboxId = await runtime.runPodSandbox(sandboxOf(uid));
      const [sandbox] = await runtime.listPodSandboxes({ labels: { [podUidLabel]: uid } });
      expect([sandbox?.id, sandbox?.state, sandbox?.ips.length]).toEqual([sandboxId, 'ready', 1]);
      const id = await runtime.createContainer(sandboxId, containerOf(uid, sleep), sandboxOf(uid));
      expect((await runtime.containerStatus(id))?.state).toBe('created');
      await runtime.startContainer(id);
      expect((await runtime.listContainers({ labels: { [podUidLabel]: uid } }))[0]?.state).toBe('running');
      await runtime.stopContainer(id, 10);
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' });
      await runtime.stopPodSandbox(sandboxId);
      expect((await runtime.podSandboxStatus(sandboxId))?.state).toBe('notReady');
      await runtime.removeContainer(id);
      await runtime.removePodSandbox(sandboxId);
      expect([
        ...(await runtime.listContainers({ labels: { [podUidLabel]: uid } })),
        ...(await runtime.listPodSandboxes({ labels: { [podUidLabel]: uid } })),
      ]).toEqual([]);
      stop.abort();
      await following;
      expect(events).toEqual(expect.arrayContaining(['started', 'stopped']));
    }, 30_000);

    it('gives nothing for what it does not have', async () => {
      const runtime = create();
      expect([await runtime.containerStatus('none'), await runtime.podSandboxStatus('none')]).toEqual([undefined, undefined]);
      await runtime.stopContainer('none', 1);
      await runtime.removeContainer('none');
    });
  });
}

const dockerRuntime = (): DockerRuntime => new DockerRuntime({ ...tools, clusterId, nodeName: 'n', sandboxNetwork: 'bridge' });

afterAll(async () => {
  if (!hasImage) return;
  for (const { Id } of await docker.listContainers({ all: true, filters: { label: [`${clusterLabel}=${clusterId}`] } }))
    await docker.getContainer(Id).remove({ force: true });
});

contract('the hollow runtime', () => new HollowRuntime({ clock: systemClock, random: seededRandom(1) }));
contract('the Docker runtime (needs an engine with golden/box:1)', dockerRuntime, !hasImage);

describe.skipIf(!hasImage)('commands and logs on Docker', () => {
  it('runs a command, ends one that takes too long, and reads the log', async () => {
    const runtime = dockerRuntime();
    const uid = systemRandom.uid();
    const sandboxId = await runtime.runPodSandbox(sandboxOf(uid));
    const id = await runtime.createContainer(sandboxId, containerOf(uid, ['sh', '-c', `echo out; echo err >&2; ${sleep[2]}`]), sandboxOf(uid));
    await runtime.startContainer(id);
    expect(await runtime.execSync(id, ['sh', '-c', 'echo $A; exit 3'], 5000)).toEqual({ exitCode: 3, stdout: 'one\n', stderr: '', timedOut: false });
    expect((await runtime.execSync(id, ['sleep', '30'], 300)).timedOut).toBe(true);
    const lines: string[] = [];
    for await (const { stream, text } of runtime.logs(id, { follow: false }, new AbortController().signal))
      lines.push(`${stream} ${Buffer.from(text)}`);
    expect(lines.sort()).toEqual(['stderr err\n', 'stdout out\n']);
    await runtime.removeContainer(id);
    await runtime.removePodSandbox(sandboxId);
  }, 30_000);
});
