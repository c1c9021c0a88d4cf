// What kubectl get shows.
import type { Pod } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { columnsOf } from './columns.js';
import { podSummary } from './pod-summary.js';

const nowMs = Date.parse('2026-01-01T00:10:00Z');

const aPod = (status: Pod['status'], spec: Partial<NonNullable<Pod['spec']>> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { containers: [{ name: 'a', image: 'a' }], ...spec },
  ...(status && { status }),
});

const container = { name: 'a', image: 'a', imageID: '', ready: false, restartCount: 0 };

describe('pods', () => {
  it('says how often and how long ago containers restarted', () => {
    const lastState = { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:05:00Z' } };
    const pod = aPod({ phase: 'Running', containerStatuses: [{ ...container, ready: true, restartCount: 3, lastState, state: { running: {} } }] });
    expect(podSummary(pod, nowMs)).toEqual({ ready: 1, total: 1, reason: 'Running', restarts: '3 (5m ago)' });
  });

  it('shows the init container that is not done', () => {
    const init = [
      { name: 'i', image: 'i' },
      { name: 'j', image: 'j' },
    ];
    const statuses = [
      { ...container, name: 'i', state: { terminated: { exitCode: 0 } } },
      { ...container, name: 'j', state: { running: {} } },
    ];
    expect(podSummary(aPod({ phase: 'Pending', initContainerStatuses: statuses }, { initContainers: init }), nowMs).reason).toBe('Init:1/2');
    const failed = [{ ...container, name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } }];
    expect(podSummary(aPod({ phase: 'Pending', initContainerStatuses: failed }, { initContainers: init }), nowMs).reason).toBe(
      'Init:CrashLoopBackOff',
    );
  });

  it('counts a started sidecar as a container', () => {
    const statuses = [{ ...container, name: 's', ready: true, started: true, state: { running: {} } }];
    const pod = aPod(
      { phase: 'Running', initContainerStatuses: statuses, containerStatuses: [{ ...container, ready: true, state: { running: {} } }] },
      { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
    );
    expect(podSummary(pod, nowMs)).toMatchObject({ ready: 2, total: 2, reason: 'Running' });
  });

  it('shows a gate before the scheduler', () => {
    expect(
      podSummary(aPod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }), nowMs).reason,
    ).toBe('SchedulingGated');
  });
});

it('names as many cells as columns', () => {
  const columns = columnsOf({ group: '', resource: 'pods' } as Parameters<typeof columnsOf>[0]);
  expect(columns?.cells(aPod({ phase: 'Pending' }) as never, nowMs)).toHaveLength(columns?.columns.length ?? 0);
});
