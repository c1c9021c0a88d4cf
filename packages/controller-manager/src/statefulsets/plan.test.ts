// The order in which a stateful set's pods come and go.
import type { Pod, StatefulSet } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { nextSteps } from './plan.js';

const set = (spec: Record<string, unknown>): StatefulSet =>
  ({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web' }, spec }) as unknown as StatefulSet;
const pod = (ordinal: number, { revision = 'new', ready = true } = {}): Pod =>
  ({
    metadata: { name: `web-${ordinal}`, labels: { 'controller-revision-hash': revision } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2020-01-01T00:00:00Z' }] },
  }) as unknown as Pod;
const steps = (spec: Record<string, unknown>, pods: Pod[]): string[] =>
  nextSteps({ set: set(spec), pods, updateRevision: 'new', nowMs: Date.parse('2020-01-02T00:00:00Z') }).map((step) =>
    step.do === 'create' ? `create ${step.ordinal}` : `delete ${step.pod.metadata.name}`,
  );

describe('a stateful set', () => {
  it('waits for a pod that is not ready before making the next', () => {
    expect(steps({ replicas: 3 }, [pod(0, { ready: false })])).toEqual([]);
    expect(steps({ replicas: 3 }, [pod(0)])).toEqual(['create 1']);
  });

  it('makes all that are missing at once in parallel', () => {
    expect(steps({ replicas: 3, podManagementPolicy: 'Parallel' }, [pod(1)])).toEqual(['create 0', 'create 2']);
  });

  it('updates from the end, down to its partition', () => {
    const spec = { replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    expect(steps(spec, [pod(0, { revision: 'old' }), pod(1, { revision: 'old' })])).toEqual(['delete web-1']);
    expect(steps(spec, [pod(0, { revision: 'old' }), pod(1)])).toEqual([]);
  });
});
