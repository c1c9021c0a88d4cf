import { expect, it } from 'vitest';
import { warningsOf } from './warnings.js';

const podWith = (spec: object, metadata: object = {}) =>
  ({ metadata: { name: 'p', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as never;

it('tells of labels of nodes that have another name now', () => {
  expect(warningsOf('v1', 'Pod', podWith({ nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }))).toEqual([
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});

it('tells of what stands twice in a container', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  expect(warningsOf('v1', 'Pod', podWith({ containers: [{ name: 'c', env, resources: { limits: { memory: '1500m' } } }] }))).toEqual([
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
});

it('tells once of a template, and not again where nothing of it changes', () => {
  const job = { metadata: { name: 'a.b' }, spec: { template: { spec: { containers: [], terminationGracePeriodSeconds: -1 } } } } as never;
  expect(warningsOf('batch/v1', 'Job', job)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ]);
  expect(warningsOf('batch/v1', 'Job', job, job)).toEqual([]);
});
