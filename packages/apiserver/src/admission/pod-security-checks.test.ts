// What the Pod Security Standards forbid, in upstream's words.
import { expect, it } from 'vitest';
import { podSecurityViolations } from './pod-security-checks.js';

const container = { name: 'main', image: 'i' };

it('lets a plain pod pass the baseline', () => {
  expect(podSecurityViolations('baseline', { containers: [container] })).toEqual([]);
});

it('names the containers and the capabilities they add', () => {
  const securityContext = { capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] } };
  expect(podSecurityViolations('baseline', { containers: [{ ...container, securityContext }] })).toEqual([
    { reason: 'non-default capabilities', detail: 'container "main" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add' },
  ]);
});

it('asks a restricted pod for all it leaves open', () => {
  expect(podSecurityViolations('restricted', { containers: [container] }).map(({ reason }) => reason)).toEqual([
    'allowPrivilegeEscalation != false',
    'unrestricted capabilities',
    'runAsNonRoot != true',
    'seccompProfile',
  ]);
});
