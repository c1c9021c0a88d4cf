// A sandbox's configuration in the terms of Docker's API.
import type { ContainerCreateOptions } from 'dockerode';
import type { PodSandboxConfig } from '../sandbox-config.js';
import { annotationLabels, attemptLabel, sandboxName, typeLabel } from './docker-names.js';
import { oomScore } from './oom-score.js';
import { pauseImage } from './pause-image.js';

const sandboxOomScore = -998;
const minimumShares = 2;

export interface SandboxTools {
  readonly network: 'none' | 'bridge';
  readonly labels: Readonly<Record<string, string>>;
}

export function sandboxOptions(config: PodSandboxConfig, { network, labels }: SandboxTools): ContainerCreateOptions {
  const { namespaces } = config;
  const onHost = namespaces.network === 'node';
  const ports = network === 'bridge' ? config.portMappings : [];
  return {
    name: sandboxName(config),
    Image: pauseImage,
    ...(config.hostname && { Hostname: config.hostname }),
    Labels: {
      ...config.labels,
      ...annotationLabels(config.annotations),
      ...labels,
      [typeLabel]: 'podsandbox',
      [attemptLabel]: String(config.metadata.attempt),
    },
    ...(ports.length > 0 && {
      ExposedPorts: Object.fromEntries(ports.map(({ containerPort, protocol }) => [`${containerPort}/${protocol.toLowerCase()}`, {}])),
    }),
    HostConfig: {
      NetworkMode: onHost ? 'host' : network,
      IpcMode: namespaces.ipc === 'node' ? 'host' : 'shareable',
      ...(namespaces.pid === 'node' && { PidMode: 'host' }),
      ...(ports.length > 0 && {
        PortBindings: Object.fromEntries(
          ports.map(({ containerPort, hostIp, hostPort, protocol }) => [
            `${containerPort}/${protocol.toLowerCase()}`,
            [{ HostIp: hostIp, HostPort: String(hostPort) }],
          ]),
        ),
      }),
      Sysctls: { ...config.sysctls },
      OomScoreAdj: oomScore(sandboxOomScore),
      CpuShares: minimumShares,
      SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}
