// A container's configuration in the terms of Docker's API.
import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { ContainerConfig, LinuxContainerResources, LinuxSecurityContext, Mount } from '../container-config.js';
import type { PodSandboxConfig, SeccompSelection } from '../sandbox-config.js';
import { annotationLabels, attemptLabel, containerName, imageLabel, logPathLabel, sandboxIdLabel, typeLabel } from './docker-names.js';
import { oomScore } from './oom-score.js';

const propagations = { private: 'rprivate', hostToContainer: 'rslave', bidirectional: 'rshared' } as const;

const bindOf = ({ hostPath, containerPath, readOnly, propagation }: Mount): string =>
  [hostPath, containerPath, [readOnly ? 'ro' : 'rw', propagations[propagation]].join(',')].join(':');

export const dockerResources = ({ cpuPeriod, cpuQuota, cpuShares, memoryLimitBytes }: LinuxContainerResources): HostConfig => ({
  CpuShares: cpuShares,
  CpuPeriod: cpuPeriod,
  CpuQuota: cpuQuota,
  Memory: memoryLimitBytes,
  // No swap beyond the memory limit.
  MemorySwap: memoryLimitBytes,
});

const seccompOf = (seccomp: SeccompSelection | undefined, readProfile: (name: string) => string): string[] => {
  switch (seccomp?.type) {
    case 'RuntimeDefault':
      return [];
    case 'Localhost':
      return [`seccomp=${readProfile(seccomp.localhostProfile ?? '')}`];
    default:
      return ['seccomp=unconfined'];
  }
};

function securityOptions(
  { apparmor, noNewPrivileges, privileged, seccomp, selinux }: LinuxSecurityContext,
  readProfile: (name: string) => string,
): string[] {
  const labels = Object.entries(selinux ?? {}).map(([key, value]) => `label=${key}:${value}`);
  return [
    ...(privileged ? [] : seccompOf(seccomp, readProfile)),
    ...(noNewPrivileges ? ['no-new-privileges'] : []),
    ...(apparmor ? [`apparmor=${apparmor}`] : []),
    ...labels,
  ];
}

/** Docker's notion of a user: numbers, or nothing for the image's own. */
function userOf({ runAsGroup, runAsUser }: LinuxSecurityContext, imageUser: string): string {
  if (runAsGroup === undefined) return runAsUser === undefined ? '' : String(runAsUser);
  return `${runAsUser ?? (imageUser.split(':')[0] || '0')}:${runAsGroup}`;
}

export interface CreateTools {
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly imageUser: string;
  readonly labels: Readonly<Record<string, string>>;
  readSeccompProfile(name: string): string;
}

export function createOptions(
  config: ContainerConfig,
  { sandboxId, sandbox, imageUser, labels, readSeccompProfile }: CreateTools,
): ContainerCreateOptions {
  const { security, resources } = config;
  const inSandbox = `container:${sandboxId}`;
  const { namespaces } = sandbox;
  const pid =
    typeof security.pid === 'object'
      ? `container:${security.pid.target}`
      : security.pid === 'node'
        ? 'host'
        : security.pid === 'pod'
          ? inSandbox
          : '';
  return {
    name: containerName(config, sandbox),
    Image: config.image.image,
    ...(config.command.length > 0 && { Entrypoint: [...config.command] }),
    ...(config.args.length > 0 && { Cmd: [...config.args] }),
    Env: config.envs.map(({ key, value }) => `${key}=${value}`),
    ...(config.workingDir && { WorkingDir: config.workingDir }),
    User: userOf(security, imageUser),
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    Tty: config.tty,
    Labels: {
      ...config.labels,
      ...annotationLabels(config.annotations),
      ...labels,
      [typeLabel]: 'container',
      [sandboxIdLabel]: sandboxId,
      [attemptLabel]: String(config.metadata.attempt),
      [imageLabel]: config.image.image,
      [logPathLabel]: `${sandbox.logDirectory}/${config.metadata.name}/${config.metadata.attempt}.log`,
    },
    // Health checks of the image are Docker's affair, not Kubernetes'.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...dockerResources(resources),
      OomScoreAdj: oomScore(resources.oomScoreAdj),
      ...(resources.pidsLimit > 0 && { PidsLimit: resources.pidsLimit }),
      // Also on the host's network: containers of a pod share its resolv.conf through the sandbox.
      NetworkMode: inSandbox,
      IpcMode: namespaces.ipc === 'node' ? 'host' : inSandbox,
      PidMode: pid,
      ...(namespaces.network === 'node' && { UTSMode: 'host' }),
      Binds: config.mounts.map(bindOf),
      Devices: config.devices.map(({ hostPath, containerPath, permissions }) => ({
        PathOnHost: hostPath,
        PathInContainer: containerPath,
        CgroupPermissions: permissions,
      })),
      CapAdd: [...security.addCapabilities],
      CapDrop: [...security.dropCapabilities],
      Privileged: security.privileged,
      ReadonlyRootfs: security.readonlyRootfs,
      SecurityOpt: securityOptions(security, readSeccompProfile),
      GroupAdd: security.supplementalGroups.map(String),
      ...(security.unmaskedProc && { MaskedPaths: [], ReadonlyPaths: [] }),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
    },
  };
}
