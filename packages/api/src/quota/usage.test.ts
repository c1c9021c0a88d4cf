import { describe, expect, it } from 'vitest';
import type { Container, Pod, ResourceQuota, Service } from '../gen/types.js';
import { matchesScopes } from './scopes.js';
import { isQuotaNameOf, quotaUsage, unspecified } from './usage.js';

const pods = { group: '', resource: 'pods' };

const podOf = (containers: Partial<Container>[], more: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers, ...more } }) as Pod;

describe('usage of quotas', () => {
  it('counts pods and what they ask for', () => {
    const pod = podOf([{ name: 'a', resources: { requests: { cpu: '100m', 'example.com/gpu': '1' }, limits: { memory: '1Gi' } } }]);
    expect(quotaUsage(pods, pod)).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '100m',
      'requests.cpu': '100m',
      'requests.example.com/gpu': '1',
      'limits.memory': '1Gi',
    });
    expect(quotaUsage(pods, { ...pod, status: { phase: 'Succeeded' } } as Pod)).toEqual({ 'count/pods': '1' });
  });

  it('counts the node ports of services', () => {
    const service = { spec: { type: 'NodePort', ports: [{ port: 1 }, { port: 2 }] } } as unknown as Service;
    expect(quotaUsage({ group: '', resource: 'services' }, service)).toMatchObject({
      services: '1',
      'services.nodeports': '2',
      'services.loadbalancers': '0',
    });
  });

  it('knows the names of a resource', () => {
    expect(['pods', 'limits.cpu', 'services', 'count/jobs.batch'].map((name) => isQuotaNameOf(pods, name))).toEqual([true, true, false, false]);
    expect(isQuotaNameOf({ group: 'batch', resource: 'jobs' }, 'count/jobs.batch')).toBe(true);
  });

  it('tells which containers do not say what they need', () => {
    const pod = podOf([{ name: 'b' }, { name: 'a' }, { name: 'c', resources: { requests: { cpu: '1' } } }]);
    expect(unspecified(pod, ['pods', 'requests.cpu', 'memory'])).toBe('memory for: a,b,c; requests.cpu for: a,b');
    expect(unspecified(pod, ['pods'])).toBeUndefined();
  });
});

describe('scopes of quotas', () => {
  const quota = (spec: ResourceQuota['spec']): ResourceQuota => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec }) as ResourceQuota;

  it('select pods', () => {
    const urgent = quota({ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['urgent'] }] } });
    expect(matchesScopes(quota({ scopes: ['BestEffort', 'NotTerminating'] }), pods, podOf([{ name: 'a' }]))).toBe(true);
    expect(matchesScopes(quota({ scopes: ['Terminating'] }), pods, podOf([{ name: 'a' }], { activeDeadlineSeconds: 1 }))).toBe(true);
    expect([urgent, urgent].map((one, index) => matchesScopes(one, pods, podOf([], index ? { priorityClassName: 'urgent' } : {})))).toEqual([
      false,
      true,
    ]);
  });

  it('are about nothing else', () => {
    expect(matchesScopes(quota({ scopes: ['BestEffort'] }), { group: '', resource: 'services' }, {})).toBe(false);
  });
});
