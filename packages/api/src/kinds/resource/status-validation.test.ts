import { expect, it } from 'vitest';
import type { ResourceClaim } from '../../gen/types.js';
import { validateResourceClaimStatus } from './validation.js';

const result = { request: 'r', driver: 'd.example.com', pool: 'n', device: 'dev-0' };
const claim = (status: ResourceClaim['status']): ResourceClaim => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'c' },
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
  ...(status && { status }),
});
const fields = (status: ResourceClaim['status'], old?: ResourceClaim['status']): string[] =>
  validateResourceClaimStatus(claim(status), claim(old)).map(({ field }) => field);

it('lets a claim be reserved only once it is allocated', () => {
  const reservedFor = [{ resource: 'pods', name: 'p', uid: 'u' }];
  expect(fields({ reservedFor })).toEqual(['status.reservedFor']);
  expect(fields({ reservedFor, allocation: { devices: { results: [result] } } })).toEqual([]);
});

it('keeps an allocation as it is, and to what was asked for', () => {
  const allocation = { devices: { results: [result] } };
  expect(fields({ allocation: { devices: { results: [{ ...result, device: 'dev-1' }] } } }, { allocation })).toEqual(['status.allocation']);
  expect(fields({ allocation: { devices: { results: [{ ...result, request: 'x' }] } } })).toEqual(['status.allocation.devices.results[0].request']);
  expect(fields({}, { allocation })).toEqual([]);
});

it('takes the status of allocated devices alone', () => {
  const allocation = { devices: { results: [result] } };
  const { request: _, ...device } = result;
  expect(fields({ allocation, devices: [device] })).toEqual([]);
  expect(fields({ allocation, devices: [{ ...device, device: 'dev-9' }] })).toEqual(['status.devices[0]']);
});
