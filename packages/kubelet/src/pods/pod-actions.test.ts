import type { PodSpec } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import type { ContainerStatus, PodSandboxStatus } from '../runtime/container-runtime.js';
import type { NodePod } from './pod.js';
import { computePodActions, type ProbeResults } from './pod-actions.js';
import { sortedRuntimePod } from './runtime-pod.js';

const pod = (spec: Partial<PodSpec>): NodePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [{ name: 'main', image: 'i' }], restartPolicy: 'Always', ...spec } as PodSpec,
  status: {},
});
const sandbox = (rest: Partial<PodSandboxStatus> = {}): PodSandboxStatus => ({
  id: 's0',
  podUid: 'u',
  name: 'p',
  namespace: 'n',
  attempt: 0,
  state: 'ready',
  createdAt: 1,
  ips: ['10.0.0.1'],
  hostNetwork: false,
  labels: {},
  annotations: {},
  ...rest,
});
const container = (name: string, rest: Partial<ContainerStatus> = {}): ContainerStatus => ({
  id: `${name}-id`,
  sandboxId: 's0',
  podUid: 'u',
  name,
  attempt: 0,
  state: 'running',
  createdAt: 2,
  startedAt: 2,
  finishedAt: 0,
  exitCode: 0,
  image: 'i',
  imageId: 'i',
  reason: '',
  message: '',
  logPath: '',
  labels: {},
  annotations: {},
  ...rest,
});
const ended = (name: string, exitCode: number): ContainerStatus => container(name, { state: 'exited', exitCode, finishedAt: 3 });
const quiet: ProbeResults = { startup: () => undefined, liveness: () => undefined };
const actionsFor = (of: NodePod, sandboxes: PodSandboxStatus[], containers: ContainerStatus[], probes = quiet) =>
  computePodActions(of, sortedRuntimePod('u', sandboxes, containers), probes);
const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name);

describe('computePodActions', () => {
  it('begins a new pod with its sandbox and first init container', () => {
    const actions = actionsFor(pod({ initContainers: [{ name: 'a' }, { name: 'b' }] }), [], []);
    expect([actions.createSandbox, names(actions.initToStart), names(actions.toStart)]).toEqual([0, ['a'], []]);
  });

  it('does nothing for a pod that runs', () => {
    const actions = actionsFor(pod({}), [sandbox()], [container('main')]);
    expect([actions.killPod, actions.createSandbox, actions.toStart, actions.toKill]).toEqual([false, undefined, [], []]);
  });

  it('starts the next init container once one has succeeded', () => {
    const actions = actionsFor(pod({ initContainers: [{ name: 'a' }, { name: 'b' }] }), [sandbox()], [ended('a', 0)]);
    expect(names(actions.initToStart)).toEqual(['b']);
  });

  it('ends a pod that never restarts when an init container fails', () => {
    expect(actionsFor(pod({ restartPolicy: 'Never', initContainers: [{ name: 'a' }] }), [sandbox()], [ended('a', 1)]).killPod).toBe(true);
  });

  it('starts a container again according to its restart policy', () => {
    expect(names(actionsFor(pod({}), [sandbox()], [ended('main', 0)]).toStart)).toEqual(['main']);
    expect(actionsFor(pod({ restartPolicy: 'OnFailure' }), [sandbox()], [ended('main', 0)]).killPod).toBe(true);
    expect(names(actionsFor(pod({ restartPolicy: 'OnFailure' }), [sandbox()], [ended('main', 1)]).toStart)).toEqual(['main']);
  });

  it('keeps a sidecar running beside the containers and ends it with them', () => {
    const of = pod({ restartPolicy: 'Never', initContainers: [{ name: 'side', restartPolicy: 'Always' }] });
    expect(names(actionsFor(of, [sandbox()], [container('main'), ended('side', 2)]).initToStart)).toEqual(['side']);
    expect(actionsFor(of, [sandbox()], [ended('main', 0), container('side')]).killPod).toBe(true);
  });

  it('makes a new sandbox with the next attempt when the old one is gone', () => {
    expect(actionsFor(pod({}), [sandbox({ state: 'notReady', attempt: 4 })], [ended('main', 137)]).createSandbox).toBe(5);
  });

  it('restarts a container whose liveness probe has failed', () => {
    const of = pod({ containers: [{ name: 'main', image: 'i', livenessProbe: {} }] });
    const actions = actionsFor(of, [sandbox()], [container('main')], { ...quiet, liveness: () => 'failure' });
    expect([actions.toKill.map(({ message }) => message), names(actions.toStart)]).toEqual([
      ['Container main failed liveness probe, will be restarted'],
      ['main'],
    ]);
  });
});
