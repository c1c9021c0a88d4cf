import { describe, expect, it } from 'vitest';
import { behaviorOf, flatMetric, goBehavior, unflattened } from './metric-forms.js';

describe('metrics in their flat form', () => {
  it.each([
    { type: 'External', external: { metric: { name: 'e' }, target: { type: 'AverageValue', averageValue: '30' } } },
    { type: 'Pods', pods: { metric: { name: 'm', selector: { matchLabels: { a: 'b' } } }, target: { type: 'AverageValue', averageValue: '5' } } },
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } } },
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'c', target: { type: 'AverageValue', averageValue: '1' } } },
    {
      type: 'Object',
      object: { describedObject: { kind: 'Service', name: 's' }, metric: { name: 'o' }, target: { type: 'Value', value: '9' } },
    },
  ])('come back as they were: $type', (metric) => {
    expect(unflattened(flatMetric(metric, 'target') as { type: string }, 'target')).toEqual(metric);
  });

  it('have names of their own', () => {
    const status = { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 20 } } };
    expect(flatMetric(status, 'current')).toEqual({
      type: 'Resource',
      resource: { name: 'cpu', currentAverageUtilization: 20, currentAverageValue: '0' },
    });
  });
});

it('writes behaviour with the names of Go, and reads it back', () => {
  const behavior = { scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] } };
  expect(goBehavior(behavior)).toEqual({
    ScaleUp: null,
    ScaleDown: {
      StabilizationWindowSeconds: null,
      SelectPolicy: 'Min',
      Policies: [{ Type: 'Percent', Value: 100, PeriodSeconds: 15 }],
      Tolerance: null,
    },
  });
  expect(behaviorOf(goBehavior(behavior))).toEqual(behavior);
});
