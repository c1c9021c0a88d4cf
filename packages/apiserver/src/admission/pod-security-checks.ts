// The Pod Security Standards: what the levels baseline and restricted forbid a pod.
// Mirrors https://kubernetes.io/docs/concepts/security/pod-security-standards/
import { type Container, type Pod, safeSysctls } from '@steersman/api';

type Spec = NonNullable<Pod['spec']>;

/** What is wrong, in short and at length. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** A check names what violates it, or gives nothing. */
type Check = (spec: Spec) => Violation | undefined;

const quote = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
const plural = (word: string, names: readonly string[]): string => `${word}${names.length === 1 ? '' : 's'} ${quote(names)}`;

const containersOf = ({ containers, initContainers = [], ephemeralContainers = [] }: Spec): Container[] => [
  ...initContainers,
  ...(containers ?? []),
  ...(ephemeralContainers as unknown as Container[]),
];

const namesWhere = (spec: Spec, test: (container: Container) => boolean): string[] =>
  containersOf(spec)
    .filter(test)
    .map(({ name }) => name);

const violation = (reason: string, detail: string): Violation | undefined => (detail ? { reason, detail } : undefined);

const privileged: Check = (spec) => {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  return violation('privileged', bad.length ? `${plural('container', bad)} must not set securityContext.privileged=true` : '');
};

const hostNamespaces: Check = (spec) =>
  violation(
    'host namespaces',
    (['hostNetwork', 'hostPID', 'hostIPC'] as const)
      .filter((name) => spec[name])
      .map((name) => `${name}=true`)
      .join(', '),
  );

const hostPathVolumes: Check = ({ volumes = [] }) => {
  const bad = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return violation('hostPath volumes', bad.length ? plural('volume', bad) : '');
};

const hostPorts: Check = (spec) => {
  const ports = (container: Container): number[] => (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [hostPort] : []));
  const bad = namesWhere(spec, (container) => ports(container).length > 0);
  const used = [...new Set(containersOf(spec).flatMap(ports))].sort((a, b) => a - b);
  return violation(
    'hostPort',
    bad.length
      ? `${plural('container', bad)} ${bad.length === 1 ? 'uses' : 'use'} ${used.length === 1 ? 'hostPort' : 'hostPorts'} ${used.join(', ')}`
      : '',
  );
};

const baselineCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);

/** The added capabilities outside of a set, by the containers that add them. */
function addedBeyond(spec: Spec, allowed: ReadonlySet<string>): string {
  const added = ({ securityContext }: Container): string[] => (securityContext?.capabilities?.add ?? []).filter((one) => !allowed.has(one));
  const bad = namesWhere(spec, (container) => added(container).length > 0);
  const all = [...new Set(containersOf(spec).flatMap(added))].sort();
  return bad.length ? `${plural('container', bad)} must not include ${quote(all)} in securityContext.capabilities.add` : '';
}

const capabilitiesBaseline: Check = (spec) => violation('non-default capabilities', addedBeyond(spec, baselineCapabilities));

const sysctls: Check = ({ securityContext }) =>
  violation(
    'forbidden sysctls',
    (securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !safeSysctls.has(name))
      .join(', '),
  );

const procMount: Check = (spec) => {
  const given = ({ securityContext }: Container): string | undefined => securityContext?.procMount;
  const bad = namesWhere(spec, (container) => given(container) !== undefined && given(container) !== 'Default');
  const values = [...new Set(containersOf(spec).flatMap((one) => given(one) ?? []))].filter((value) => value !== 'Default').sort();
  return violation('procMount', bad.length ? `${plural('container', bad)} must not set securityContext.procMount to ${quote(values)}` : '');
};

/** Which of the pod and its containers set something, as upstream's messages put it. */
function setters(spec: Spec, inPod: boolean, inContainer: (container: Container) => boolean): string {
  const names = namesWhere(spec, inContainer);
  return [...(inPod ? ['pod'] : []), ...(names.length ? [plural('container', names)] : [])].join(' and ');
}

const hostProcess: Check = (spec) => {
  const who = setters(
    spec,
    spec.securityContext?.windowsOptions?.hostProcess === true,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  );
  return violation('hostProcess', who && `${who} must not set securityContext.windowsOptions.hostProcess=true`);
};

const seccompBaseline: Check = (spec) => {
  const who = setters(
    spec,
    spec.securityContext?.seccompProfile?.type === 'Unconfined',
    ({ securityContext }) => securityContext?.seccompProfile?.type === 'Unconfined',
  );
  return violation('seccompProfile', who && `${who} must not set securityContext.seccompProfile.type to "Unconfined"`);
};

const privilegeEscalation: Check = (spec) => {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  return violation(
    'allowPrivilegeEscalation != false',
    bad.length ? `${plural('container', bad)} must set securityContext.allowPrivilegeEscalation=false` : '',
  );
};

const capabilitiesRestricted: Check = (spec) => {
  const keeping = namesWhere(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const added = addedBeyond(spec, new Set(['NET_BIND_SERVICE']));
  const parts = [
    ...(keeping.length ? [`${plural('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(added ? [added] : []),
  ];
  return violation('unrestricted capabilities', parts.join('; '));
};

const restrictedVolumeTypes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
]);

const restrictedVolumes: Check = ({ volumes = [] }) => {
  const typeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
  const bad = volumes.filter((volume) => !restrictedVolumeTypes.has(typeOf(volume)));
  const types = [...new Set(bad.map(typeOf))].sort();
  const names = bad.map(({ name }) => name);
  return violation(
    'restricted volume types',
    bad.length ? `${plural('volume', names)} ${bad.length === 1 ? 'uses' : 'use'} restricted ${plural('volume type', types)}` : '',
  );
};

const runAsNonRoot: Check = (spec) => {
  const refusing = setters(spec, spec.securityContext?.runAsNonRoot === false, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (refusing) return violation('runAsNonRoot != true', `${refusing} must not set securityContext.runAsNonRoot=false`);
  if (spec.securityContext?.runAsNonRoot) return undefined;
  const open = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  return violation('runAsNonRoot != true', open.length ? `pod or ${plural('container', open)} must set securityContext.runAsNonRoot=true` : '');
};

const runAsUser: Check = (spec) => {
  const who = setters(spec, spec.securityContext?.runAsUser === 0, ({ securityContext }) => securityContext?.runAsUser === 0);
  return violation('runAsUser=0', who && `${who} must not set runAsUser=0`);
};

const seccompRestricted: Check = (spec) => {
  const unconfined = seccompBaseline(spec);
  if (unconfined || spec.securityContext?.seccompProfile?.type) return unconfined;
  const open = namesWhere(spec, ({ securityContext }) => !securityContext?.seccompProfile?.type);
  return violation(
    'seccompProfile',
    open.length ? `pod or ${plural('container', open)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` : '',
  );
};

const both: readonly Check[] = [hostNamespaces, hostPorts, privileged, procMount];
const baseline: readonly Check[] = [
  capabilitiesBaseline,
  ...both.slice(0, 1),
  hostPathVolumes,
  ...both.slice(1),
  seccompBaseline,
  sysctls,
  hostProcess,
];
const restricted: readonly Check[] = [
  ...both,
  sysctls,
  hostProcess,
  privilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

export type Level = 'privileged' | 'baseline' | 'restricted';

/** Everything in a pod that its level forbids, in upstream's order. */
export function podSecurityViolations(level: Level, spec: Spec): Violation[] {
  const checks = level === 'privileged' ? [] : level === 'baseline' ? baseline : restricted;
  return checks.flatMap((check) => check(spec) ?? []);
}
