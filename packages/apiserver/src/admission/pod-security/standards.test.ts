// What the Pod Security Standards forbid, in upstream's words.
import { expect, it } from 'vitest';
import { podSecurityViolations } from './standards.js';

const container = { name: 'main', image: 'i' };

it('lets a plain pod pass the baseline', () => {
  expect(podSecurityViolations({ level: 'baseline', version: 'latest' }, { spec: { containers: [container] } })).toEqual([]);
});

it('names the containers and the capabilities they add', () => {
  const securityContext = { capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] } };
  expect(podSecurityViolations({ level: 'baseline', version: 'latest' }, { spec: { containers: [{ ...container, securityContext }] } })).toEqual([
    { reason: 'non-default capabilities', detail: 'container "main" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add' },
  ]);
});

it('asks a restricted pod for all it leaves open', () => {
  expect(
    podSecurityViolations({ level: 'restricted', version: 'latest' }, { spec: { containers: [container] } }).map(({ reason }) => reason),
  ).toEqual(['allowPrivilegeEscalation != false', 'unrestricted capabilities', 'runAsNonRoot != true', 'seccompProfile']);
});

it('goes by the version of the standards that is asked for', () => {
  const reasons = (level: 'baseline' | 'restricted', version: string, spec: object): string[] =>
    podSecurityViolations({ level, version }, { spec: { containers: [container], ...spec } }).map(({ reason }) => reason);
  const sysctls = { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } };
  expect(reasons('baseline', 'v1.31', sysctls)).toEqual(['forbidden sysctls']);
  expect(reasons('baseline', 'v1.32', sysctls)).toEqual([]);
  const probe = { containers: [{ ...container, livenessProbe: { tcpSocket: { port: 1, host: 'other' } } }] };
  expect([reasons('baseline', 'v1.33', probe), reasons('baseline', 'latest', probe)]).toEqual([[], ['probe or lifecycle host']]);
  expect(reasons('restricted', 'v1.0', {})).toEqual(['runAsNonRoot != true']);
});

it("tells of AppArmor, SELinux and old annotations in upstream's words", () => {
  const spec = {
    containers: [{ ...container, securityContext: { appArmorProfile: { type: 'Unconfined' }, seLinuxOptions: { type: 'spc_t', user: 'u' } } }],
  };
  const annotations = { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' };
  expect(
    podSecurityViolations({ level: 'baseline', version: 'latest' }, { spec, annotations }).map(({ reason, detail }) => [reason, detail]),
  ).toEqual([
    [
      'forbidden AppArmor profiles',
      'container "main" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/main=\\"unconfined\\""',
    ],
    ['seLinuxOptions', 'container "main" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set'],
  ]);
  const old = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
  expect(podSecurityViolations({ level: 'baseline', version: 'v1.18' }, { spec: { containers: [container] }, annotations: old })).toEqual([
    { reason: 'seccompProfile', detail: 'forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined"' },
  ]);
});
