// What a container is made of, in CRI's shape.
import type { NamespaceMode, SeccompSelection } from './sandbox-config.js';

export interface ImageSpec {
  /** A full reference with a tag or digest. */
  readonly image: string;
}

export type MountPropagation = 'private' | 'hostToContainer' | 'bidirectional';

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
  readonly propagation: MountPropagation;
}

export interface Device {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly permissions: string;
}

export interface LinuxContainerResources {
  /** Relative weight; from the CPU request. */
  readonly cpuShares: number;
  /** Microseconds per period; 0: no limit. */
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  /** 0: no limit. */
  readonly memoryLimitBytes: number;
  readonly oomScoreAdj: number;
  readonly pidsLimit: number;
}

export interface LinuxSecurityContext {
  readonly privileged: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly supplementalGroupsPolicy: 'Merge' | 'Strict';
  readonly readonlyRootfs: boolean;
  readonly noNewPrivileges: boolean;
  readonly seccomp?: SeccompSelection;
  /** A profile's name, runtime/default, or unconfined. */
  readonly apparmor?: string;
  readonly selinux?: { readonly user?: string; readonly role?: string; readonly type?: string; readonly level?: string };
  readonly unmaskedProc: boolean;
  readonly pid: NamespaceMode | { readonly target: string };
}

export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number };
  readonly image: ImageSpec;
  /** As the pod says; empty: the image's. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly { readonly key: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly stopSignal?: string;
  readonly resources: LinuxContainerResources;
  readonly security: LinuxSecurityContext;
}
