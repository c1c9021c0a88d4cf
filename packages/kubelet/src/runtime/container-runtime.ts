// The runtime seam: CRI's verbs and message shapes, in TypeScript's casing. Docker and hollow implement it; a CRI socket could.
// Mirrors https://github.com/kubernetes/cri-api (runtime/v1)

import type { ContainerConfig, ImageSpec, LinuxContainerResources } from './container-config.js';
import type { PodSandboxConfig } from './sandbox-config.js';

export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';
export type SandboxState = 'ready' | 'notReady';

export interface VersionResponse {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

/** A runtime condition, such as RuntimeReady or NetworkReady. */
export interface RuntimeCondition {
  readonly type: 'RuntimeReady' | 'NetworkReady';
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface PodSandboxStatus {
  readonly id: string;
  readonly podUid: string;
  readonly name: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly state: SandboxState;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Addresses of the sandbox; none on the host's network. */
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerStatus {
  readonly id: string;
  readonly sandboxId: string;
  readonly podUid: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: ContainerState;
  readonly createdAt: number;
  /** 0 where it has not started (or not ended). */
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  /** What the user asked for, and what it resolved to. */
  readonly image: string;
  readonly imageId: string;
  /** OOMKilled, Completed, Error, StartError. */
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources?: LinuxContainerResources;
}

export interface LabelFilter {
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ImageStatus {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: number;
  /** The numeric user of the image, or the name it gives. */
  readonly uid?: number;
  readonly username?: string;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}

export interface ContainerEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'deleted';
  readonly containerId: string;
  readonly podUid: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The command was still running when the time was up. */
  readonly timedOut: boolean;
}

/** One interactive session with a container: `output` yields until the process ends, `exitCode` tells how. */
export interface Session {
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }>;
  write(data: Uint8Array): void;
  closeInput(): void;
  resize(size: { width: number; height: number }): void;
  exitCode(): Promise<number>;
  close(): void;
}

export interface SessionOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A byte stream in both directions. */
export interface Connection {
  readonly input: AsyncIterable<Uint8Array>;
  write(data: Uint8Array): void;
  end(): void;
  close(): void;
}

export interface LogLine {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** With its line feed, unless the container ended in the middle of a line. */
  readonly text: Uint8Array;
}

export interface LogOptions {
  readonly follow: boolean;
  readonly sinceMs?: number;
  readonly tailLines?: number;
}

export interface ContainerStats {
  readonly containerId: string;
  readonly timeMs: number;
  readonly cpuNanoSeconds: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
}

export interface ContainerRuntime {
  /** What container IDs start with, such as docker in docker://… */
  readonly name: string;
  /** Whether containers have a file system, so that volumes, hosts files and tokens are to be written for them. */
  readonly hasFileSystem: boolean;

  version(): Promise<VersionResponse>;
  status(): Promise<readonly RuntimeCondition[]>;

  runPodSandbox(config: PodSandboxConfig): Promise<string>;
  /** Ends every process of the sandbox and frees its network. Doing so twice does nothing. */
  stopPodSandbox(sandboxId: string): Promise<void>;
  removePodSandbox(sandboxId: string): Promise<void>;
  podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus | undefined>;
  listPodSandboxes(filter?: LabelFilter): Promise<readonly PodSandboxStatus[]>;

  createContainer(sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig): Promise<string>;
  startContainer(containerId: string): Promise<void>;
  /** SIGTERM (or the container's stop signal), then SIGKILL once the grace is over; aborting `hurry` shortens it to nothing. */
  stopContainer(containerId: string, graceSeconds: number, hurry?: AbortSignal): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  listContainers(filter?: LabelFilter): Promise<readonly ContainerStatus[]>;
  containerStatus(containerId: string): Promise<ContainerStatus | undefined>;
  updateContainerResources(containerId: string, resources: LinuxContainerResources): Promise<void>;

  execSync(containerId: string, command: readonly string[], timeoutMs: number): Promise<ExecResult>;
  exec(containerId: string, command: readonly string[], options: SessionOptions): Promise<Session>;
  attach(containerId: string, options: SessionOptions): Promise<Session>;
  portForward(sandboxId: string, port: number): Promise<Connection>;
  logs(containerId: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;

  pullImage(image: ImageSpec, auth?: RegistryAuth): Promise<string>;
  /** What the name stands for; undefined where the image is not there. */
  imageStatus(image: ImageSpec): Promise<ImageStatus | undefined>;
  listImages(): Promise<readonly ImageStatus[]>;
  removeImage(image: ImageSpec): Promise<void>;
  imageFsInfo(): Promise<{ readonly mountpoint: string; readonly usedBytes: number }>;

  containerStats(containerId: string): Promise<ContainerStats | undefined>;
  /** What happens to containers from now on; ends when the signal aborts, throws when it lost track. */
  events(signal: AbortSignal): AsyncIterable<ContainerEvent>;
}

/** An error of the runtime that tells the user what is wrong with a container or sandbox. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
}
