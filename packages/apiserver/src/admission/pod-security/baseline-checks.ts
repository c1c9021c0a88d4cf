// What the level baseline forbids a pod.
// Mirrors https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
import { type Container, safeSysctls } from '@steersman/api';
import { addedBeyond, type Check, containersOf, namesWhere, plural, quote, setters, violation } from './check-tools.js';

export const privileged: Check = (spec) => {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  return violation('privileged', bad.length ? `${plural('container', bad)} must not set securityContext.privileged=true` : '');
};

export const hostNamespaces: Check = (spec) =>
  violation(
    'host namespaces',
    (['hostNetwork', 'hostPID', 'hostIPC'] as const)
      .filter((name) => spec[name])
      .map((name) => `${name}=true`)
      .join(', '),
  );

export const hostPathVolumes: Check = ({ volumes = [] }) => {
  const bad = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return violation('hostPath volumes', bad.length ? plural('volume', bad) : '');
};

export const hostPorts: Check = (spec) => {
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

export const capabilitiesBaseline: Check = (spec) => violation('non-default capabilities', addedBeyond(spec, baselineCapabilities));

export const laterSysctls: readonly (readonly [minor: number, names: readonly string[]])[] = [
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

/** Kernel parameters came to be called safe one after the other. */
export function sysctlsOf(minor: number): Check {
  const unknown = new Set(laterSysctls.filter(([since]) => since > minor).flatMap(([, names]) => names));
  return ({ securityContext }) =>
    violation(
      'forbidden sysctls',
      (securityContext?.sysctls ?? [])
        .map(({ name }) => name)
        .filter((name) => !safeSysctls.has(name) || unknown.has(name))
        .join(', '),
    );
}

export const procMount: Check = (spec) => {
  const given = ({ securityContext }: Container): string | undefined => securityContext?.procMount;
  const bad = namesWhere(spec, (container) => given(container) !== undefined && given(container) !== 'Default');
  const values = [...new Set(containersOf(spec).flatMap((one) => given(one) ?? []))].filter((value) => value !== 'Default').sort();
  return violation('procMount', bad.length ? `${plural('container', bad)} must not set securityContext.procMount to ${quote(values)}` : '');
};

export const hostProcess: Check = (spec) => {
  const who = setters(
    spec,
    spec.securityContext?.windowsOptions?.hostProcess === true,
    ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true,
  );
  return violation('hostProcess', who && `${who} must not set securityContext.windowsOptions.hostProcess=true`);
};

export const seccompBaseline: Check = (spec) => {
  const who = setters(
    spec,
    spec.securityContext?.seccompProfile?.type === 'Unconfined',
    ({ securityContext }) => securityContext?.seccompProfile?.type === 'Unconfined',
  );
  return violation('seccompProfile', who && `${who} must not set securityContext.seccompProfile.type to "Unconfined"`);
};

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmor: Check = (spec, annotations) => {
  const bad = ({ appArmorProfile }: { appArmorProfile?: { type?: string } } = {}): boolean =>
    appArmorProfile !== undefined && appArmorProfile.type !== 'RuntimeDefault' && appArmorProfile.type !== 'Localhost';
  const contexts = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)];
  const types = [...new Set(contexts.filter((context) => bad(context)).map((context) => context?.appArmorProfile?.type ?? ''))].sort();
  const marked = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && value && value !== 'runtime/default' && !value.startsWith('localhost/'))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = setters(spec, bad(spec.securityContext), ({ securityContext }) => bad(securityContext));
  const all = [...(who ? [who] : []), ...(marked.length ? [marked.length === 1 ? 'annotation' : 'annotations'] : [])].join(' and ');
  const values = [...types, ...marked];
  const reason = values.length === 1 ? 'forbidden AppArmor profile' : 'forbidden AppArmor profiles';
  return violation(reason, all && `${all} must not set AppArmor profile type to ${quote(values)}`);
};

/** Other hosts that probes and hooks are sent to. */
function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? '']).filter(Boolean);
}

export const hostProbes: Check = (spec) => {
  const bad = namesWhere(spec, (container) => hostsOf(container).length > 0).sort();
  const hosts = [...new Set(containersOf(spec).flatMap(hostsOf))].sort();
  const uses = bad.length === 1 ? 'uses' : 'use';
  return violation('probe or lifecycle host', bad.length ? `${plural('container', bad)} ${uses} ${plural('probe or lifecycle host', hosts)}` : '');
};

export const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

interface SeLinuxOptions {
  readonly type?: string;
  readonly user?: string;
  readonly role?: string;
}

export const seLinuxOptionsBut =
  (allowed: readonly string[]): Check =>
  (spec) => {
    const isBad = ({ type = '', user, role }: SeLinuxOptions = {}): boolean => !allowed.includes(type) || Boolean(user) || Boolean(role);
    const all = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)].flatMap(
      (one) => one?.seLinuxOptions ?? [],
    );
    const types = [...new Set(all.map(({ type = '' }) => type).filter((type) => !allowed.includes(type)))].sort();
    const who = setters(spec, isBad(spec.securityContext?.seLinuxOptions), ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    // Upstream tells of users and roles only where it tells of types.
    const what = types.length
      ? [
          plural('type', types),
          ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
          ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
        ]
      : [];
    return violation('seLinuxOptions', who && `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`);
  };

const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there was a field, annotations said it. */
export const seccompAnnotations: Check = (spec, annotations) => {
  const keys = [seccompPod, ...containersOf(spec).map(({ name }) => seccompContainer + name)];
  const isAllowed = (value: string): boolean => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const bad = keys.flatMap((key) => {
    const value = annotations[key];
    return value === undefined || isAllowed(value) ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  return violation('seccompProfile', bad.length ? `forbidden ${bad.length === 1 ? 'annotation' : 'annotations'} ${bad.sort().join(', ')}` : '');
};
