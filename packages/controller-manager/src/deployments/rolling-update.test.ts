// The arithmetic of rolling updates.
import type { Deployment, ReplicaSet } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { fenceposts, maxSurgeOf, newReplicas, proportions, shrinkOld } from './rolling-update.js';

const deployment = (replicas: number, rollingUpdate: { maxSurge?: number | string; maxUnavailable?: number | string } = {}): Deployment =>
  ({
    metadata: { name: 'web' },
    spec: { replicas, selector: {}, template: {}, strategy: { type: 'RollingUpdate', rollingUpdate } },
  }) as unknown as Deployment;

const set = (name: string, replicas: number, available = replicas): ReplicaSet =>
  ({
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${name.length}Z` },
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  }) as unknown as ReplicaSet;

describe('a rolling update', () => {
  it('lets one pod be missing where neither surge nor unavailability is allowed', () => {
    expect(fenceposts(deployment(3, { maxSurge: 0, maxUnavailable: 0 }))).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(fenceposts(deployment(10))).toEqual({ maxSurge: 3, maxUnavailable: 2 });
  });

  it('grows the new replica set as far as the surge allows', () => {
    const old = set('old', 4);
    const fresh = set('fresh', 0);
    expect(newReplicas(deployment(4), [old, fresh], fresh)).toBe(1);
    expect(newReplicas(deployment(4), [set('old', 5), fresh], fresh)).toBe(0);
  });

  it('ends unhealthy old pods first and keeps what must be available', () => {
    const web = deployment(4, { maxSurge: 1, maxUnavailable: 1 });
    const fresh = set('fresh', 1, 1);
    expect(shrinkOld(web, { old: [set('old', 4, 4)], newSet: fresh, all: [set('old', 4, 4), fresh] })).toEqual(new Map([['old', 2]]));
    const broken = set('old', 4, 3);
    expect(shrinkOld(web, { old: [broken], newSet: set('fresh', 1, 0), all: [broken, set('fresh', 1, 0)] })).toEqual(new Map([['old', 3]]));
  });

  it('shares a changed total in proportion', () => {
    const web = deployment(10, { maxSurge: 0, maxUnavailable: 1 });
    const sizes = proportions({ ...web, status: { replicas: 5 } } as Deployment, [set('a', 3), set('bb', 2)]);
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(10 + maxSurgeOf(web));
  });
});
