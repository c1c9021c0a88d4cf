import { describe, expect, it } from 'vitest';
import { clone, deepEqual, deepFreeze } from './clone.js';
import { scaledValue } from './int-or-string.js';
import { controllerOf, controllerReference, isControlledBy, isPodAvailable, setCondition } from './meta.js';

describe('meta', () => {
  it('knows the controller of an object', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'r', uid: 'u' } };
    const pod = { metadata: { ownerReferences: [controllerReference(owner)] } };
    expect(controllerOf(pod)?.name).toBe('r');
    expect(isControlledBy(pod, owner)).toBe(true);
    expect(isControlledBy(pod, { metadata: {} })).toBe(false);
  });

  it('moves lastTransitionTime with the status only', () => {
    const first = setCondition(undefined, { type: 'Ready', status: 'False' }, 0);
    expect(first).toEqual([{ type: 'Ready', status: 'False', lastTransitionTime: '1970-01-01T00:00:00Z' }]);
    expect(setCondition(first, { type: 'Ready', status: 'False' }, 5000)).toBe(first);
    expect(setCondition(first, { type: 'Ready', status: 'False', reason: 'X' }, 5000)[0]?.lastTransitionTime).toBe('1970-01-01T00:00:00Z');
    expect(setCondition(first, { type: 'Ready', status: 'True' }, 5000)[0]?.lastTransitionTime).toBe('1970-01-01T00:00:05Z');
  });

  it('takes a pod for available once it has been ready long enough', () => {
    const pod = { status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '1970-01-01T00:00:00Z' }] } };
    expect(isPodAvailable(pod, 10, 9_000)).toBe(false);
    expect(isPodAvailable(pod, 10, 10_000)).toBe(true);
  });
});

describe('JSON values', () => {
  it('copies, compares and freezes', () => {
    const value = { a: [{ b: 1 }], c: undefined };
    expect(clone(value)).toEqual({ a: [{ b: 1 }] });
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(deepEqual({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(Object.isFrozen(deepFreeze(value).a[0])).toBe(true);
  });

  it('scales percentages', () => {
    expect(scaledValue('25%', 10, true)).toBe(3);
    expect(scaledValue('25%', 10, false)).toBe(2);
    expect(scaledValue(4, 10, false)).toBe(4);
    expect(scaledValue('x', 10, false)).toBeUndefined();
  });
});
