// The runtime seam over a Docker Engine. A sandbox is a container that does nothing but hold the pod's network and IPC namespaces.

import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Clock, Logger } from '@steersman/api';
import Docker from 'dockerode';
import { resolvConf } from '../../containers/pod-names.js';
import type { ContainerConfig, ImageSpec, LinuxContainerResources } from '../container-config.js';
import {
  type Connection,
  type ContainerEvent,
  type ContainerStats,
  type ContainerStatus,
  type ExecResult,
  type ImageStatus,
  type LabelFilter,
  type LogLine,
  type LogOptions,
  type PodSandboxStatus,
  type RegistryAuth,
  type RuntimeCondition,
  RuntimeError,
  type Session,
  type SessionOptions,
  type VersionResponse,
} from '../container-runtime.js';
import { podUidLabel } from '../labels.js';
import type { NamespacedRuntime } from '../networked-runtime.js';
import type { PodSandboxConfig } from '../sandbox-config.js';
import { createOptions, dockerResources } from './container-create.js';
import { ContainerEnd } from './container-end.js';
import { ContainerMirror, type Inspection } from './container-mirror.js';
import { engineMessage, isConflicting, isMissing, runtimeError } from './docker-error.js';
import { followEvents } from './docker-events.js';
import { attachSession, execSession, execSync } from './docker-exec.js';
import { imageStatus, listImages, pullImage } from './docker-images.js';
import { logLines } from './docker-logs.js';
import { clusterLabel, nodeLabel, sandboxIdLabel } from './docker-names.js';
import { containerStatusOf, isSandbox, labelsOf, sandboxStatusOf } from './docker-status.js';
import { lastWords } from './last-words.js';
import { ensurePauseImage } from './pause-image.js';
import { forwardPort } from './port-forward.js';
import { sandboxOptions } from './sandbox-create.js';

export interface DockerRuntimeOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells this cluster's containers from those of others on the same engine. */
  readonly clusterId: string;
  readonly nodeName: string;
  readonly socketPath?: string;
  /** `none`: sandboxes wait to be put on the pod network; `bridge`: Docker's own network, for a single node without overlay. */
  readonly sandboxNetwork: 'none' | 'bridge';
}

const seccompRoot = '/var/lib/kubelet/seccomp';

export class DockerRuntime implements NamespacedRuntime {
  readonly name = 'docker';
  readonly hasFileSystem = true;
  private readonly docker: Docker;
  private readonly mirror: ContainerMirror;
  private readonly end: ContainerEnd;
  private readonly words = new Map<string, string>();
  private pause: Promise<void> | undefined;

  constructor(private readonly options: DockerRuntimeOptions) {
    this.docker = new Docker({ socketPath: options.socketPath ?? '/var/run/docker.sock' });
    this.mirror = new ContainerMirror(this.docker, this.labelFilter());
    this.end = new ContainerEnd(this.docker, this.mirror, options.clock);
  }

  async version(): Promise<VersionResponse> {
    const { Version, ApiVersion } = await this.docker.version();
    return { runtimeName: this.name, runtimeVersion: Version, runtimeApiVersion: ApiVersion };
  }

  async status(): Promise<readonly RuntimeCondition[]> {
    try {
      await this.docker.ping();
      return [{ type: 'RuntimeReady', status: true, reason: '', message: '' }];
    } catch (error) {
      return [{ type: 'RuntimeReady', status: false, reason: 'DockerDaemonNotReady', message: `docker: ${engineMessage(error)}` }];
    }
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<string> {
    this.pause ??= ensurePauseImage(this.docker);
    await this.pause.catch((error: unknown) => {
      this.pause = undefined;
      throw runtimeError(error);
    });
    try {
      const container = await this.createNamed(sandboxOptions(config, { network: this.options.sandboxNetwork, labels: this.ownLabels() }));
      await container.start();
      const inspection = await this.mirror.update(container.id);
      if (config.dns && inspection?.ResolvConfPath) await writeFile(inspection.ResolvConfPath, resolvConf(config.dns));
      return container.id;
    } catch (error) {
      throw runtimeError(error);
    }
  }

  async networkNamespace(sandboxId: string): Promise<string> {
    const inspection = this.mirror.get(sandboxId) ?? (await this.mirror.update(sandboxId));
    if (!inspection?.State.Pid) throw new RuntimeError(`sandbox ${sandboxId} is not running`);
    return `/proc/${inspection.State.Pid}/ns/net`;
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    const inside = (await this.mirror.list()).filter((inspection) => labelsOf(inspection)[sandboxIdLabel] === sandboxId && inspection.State.Running);
    await Promise.all(inside.map(({ Id }) => this.end.signal(Id, 'SIGKILL')));
    await this.end.kill(sandboxId);
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    const known = this.mirror.get(sandboxId);
    await this.removeContainer(sandboxId);
    if (!known) return;
    const { name, namespace, podUid } = sandboxStatusOf(known);
    const left = await this.select({ labels: { [podUidLabel]: podUid } });
    if (podUid && left.length === 0) await rm(`/var/log/pods/${namespace}_${name}_${podUid}`, { recursive: true, force: true });
  }

  async podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus | undefined> {
    const inspection = await this.mirror.update(sandboxId);
    return inspection && sandboxStatusOf(inspection);
  }

  async listPodSandboxes(filter: LabelFilter = {}): Promise<readonly PodSandboxStatus[]> {
    return (await this.select(filter)).filter(isSandbox).map(sandboxStatusOf);
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandbox: PodSandboxConfig): Promise<string> {
    try {
      const image = await imageStatus(this.docker, config.image.image);
      const readSeccompProfile = (name: string): string => readFileSync(path.join(seccompRoot, path.normalize(`/${name}`)), 'utf8');
      const container = await this.createNamed(
        createOptions(config, { sandboxId, sandbox, imageUser: image?.user ?? '', labels: this.ownLabels(), readSeccompProfile }),
      );
      await this.mirror.update(container.id);
      return container.id;
    } catch (error) {
      throw runtimeError(error);
    }
  }

  async startContainer(containerId: string): Promise<void> {
    try {
      await this.docker.getContainer(containerId).start();
    } catch (error) {
      throw new RuntimeError(`failed to start container "${containerId}": Error response from daemon: ${engineMessage(error)}`, { cause: error });
    } finally {
      const inspection = await this.mirror.update(containerId);
      if (inspection) await this.linkLog(containerStatusOf(inspection, '').logPath, inspection.LogPath);
    }
  }

  stopContainer(containerId: string, graceSeconds: number, hurry?: AbortSignal): Promise<void> {
    return this.end.stop(containerId, graceSeconds, hurry);
  }

  async removeContainer(containerId: string): Promise<void> {
    try {
      await this.docker.getContainer(containerId).remove({ force: true, v: true });
    } catch (error) {
      if (!isMissing(error) && !isConflicting(error)) throw runtimeError(error);
    }
    const known = this.mirror.get(containerId);
    this.mirror.drop(containerId);
    this.words.delete(containerId);
    if (known && !isSandbox(known)) await rm(containerStatusOf(known, '').logPath, { force: true }).catch(() => undefined);
  }

  async listContainers(filter: LabelFilter = {}): Promise<readonly ContainerStatus[]> {
    const found = (await this.select(filter)).filter((inspection) => !isSandbox(inspection));
    return Promise.all(found.map((inspection) => this.withWords(inspection)));
  }

  async containerStatus(containerId: string): Promise<ContainerStatus | undefined> {
    const inspection = await this.mirror.update(containerId);
    return inspection && this.withWords(inspection);
  }

  async updateContainerResources(containerId: string, resources: LinuxContainerResources): Promise<void> {
    try {
      await this.docker.getContainer(containerId).update(dockerResources(resources));
    } catch (error) {
      throw runtimeError(error);
    }
  }

  execSync(containerId: string, command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    return execSync(this.docker, this.options.clock, { id: containerId, command, timeoutMs });
  }

  exec(containerId: string, command: readonly string[], options: SessionOptions): Promise<Session> {
    return execSession(this.docker, this.options.clock, { id: containerId, command, options });
  }

  attach(containerId: string, options: SessionOptions): Promise<Session> {
    return attachSession(this.docker, { id: containerId, options });
  }

  async portForward(sandboxId: string, port: number): Promise<Connection> {
    return forwardPort(await this.networkNamespace(sandboxId), port);
  }

  async *logs(containerId: string, { follow, sinceMs, tailLines }: LogOptions, signal: AbortSignal): AsyncIterable<LogLine> {
    if (tailLines === 0 && !follow) return;
    const container = this.docker.getContainer(containerId);
    const inspection = this.mirror.get(containerId) ?? (await this.mirror.update(containerId));
    const query = {
      stdout: true,
      stderr: true,
      timestamps: true,
      ...(sinceMs !== undefined && { since: sinceMs / 1000 }),
      ...(tailLines !== undefined && { tail: tailLines }),
    };
    const isTerminal = inspection?.Config.Tty ?? false;
    const source = await this.logSource(container, query, follow || inspection?.State.Running === false).catch((error: unknown) => {
      throw runtimeError(error);
    });
    const stop = (): void => void source.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield* logLines(source, isTerminal);
    } catch (error) {
      if (!signal.aborted) throw runtimeError(error);
    } finally {
      signal.removeEventListener('abort', stop);
      source.destroy();
    }
  }

  pullImage({ image }: ImageSpec, auth?: RegistryAuth): Promise<string> {
    return pullImage(this.docker, image, auth);
  }

  imageStatus({ image }: ImageSpec): Promise<ImageStatus | undefined> {
    return imageStatus(this.docker, image);
  }

  listImages(): Promise<readonly ImageStatus[]> {
    return listImages(this.docker);
  }

  async removeImage({ image }: ImageSpec): Promise<void> {
    await this.docker
      .getImage(image)
      .remove()
      .catch((error: unknown) => {
        if (!isMissing(error)) throw runtimeError(error);
      });
  }

  async imageFsInfo(): Promise<{ mountpoint: string; usedBytes: number }> {
    const [{ DockerRootDir }, images] = await Promise.all([this.docker.info() as Promise<{ DockerRootDir: string }>, this.listImages()]);
    return { mountpoint: DockerRootDir, usedBytes: images.reduce((sum, { size }) => sum + size, 0) };
  }

  async containerStats(containerId: string): Promise<ContainerStats | undefined> {
    try {
      const { cpu_stats: cpu, memory_stats: memory } = await this.docker.getContainer(containerId).stats({ stream: false, 'one-shot': true });
      const usage = memory.usage ?? 0;
      const inactive = (memory.stats as { total_inactive_file?: number } | undefined)?.total_inactive_file ?? 0;
      return {
        containerId,
        timeMs: this.options.clock.now(),
        cpuNanoSeconds: cpu.cpu_usage.total_usage,
        memoryUsageBytes: usage,
        memoryWorkingSetBytes: Math.max(0, usage - inactive),
      };
    } catch {
      return undefined;
    }
  }

  events(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    return followEvents({ docker: this.docker, mirror: this.mirror, logger: this.options.logger, labels: this.labelFilter() }, signal);
  }

  private labelFilter(): string[] {
    return Object.entries(this.ownLabels()).map(([key, value]) => `${key}=${value}`);
  }

  private ownLabels(): Record<string, string> {
    return { [clusterLabel]: this.options.clusterId, [nodeLabel]: this.options.nodeName };
  }

  private async select({ labels = {} }: LabelFilter): Promise<Inspection[]> {
    const wanted = Object.entries(labels);
    return (await this.mirror.list()).filter((inspection) => wanted.every(([key, value]) => labelsOf(inspection)[key] === value));
  }

  /** Creates a container; one of the same name that an earlier try left behind makes way. */
  private async createNamed(options: Docker.ContainerCreateOptions): Promise<Docker.Container> {
    try {
      return await this.docker.createContainer(options);
    } catch (error) {
      const owner = isConflicting(error) ? /by container "?([0-9a-f]+)"?/.exec(engineMessage(error))?.[1] : undefined;
      if (!owner) throw error;
      await this.docker.getContainer(owner).remove({ force: true });
      this.mirror.drop(owner);
      return this.docker.createContainer(options);
    }
  }

  private async withWords(inspection: Inspection): Promise<ContainerStatus> {
    const plain = containerStatusOf(inspection, '');
    if (plain.state !== 'exited' || plain.message !== '') return plain;
    const known = this.words.get(plain.id);
    if (known !== undefined) return { ...plain, message: known };
    const tail = (tailLines: number): AsyncIterable<LogLine> => this.logs(plain.id, { follow: false, tailLines }, new AbortController().signal);
    const message = await lastWords({ annotations: plain.annotations, exitCode: plain.exitCode, tail }).catch(() => '');
    this.words.set(plain.id, message);
    return { ...plain, message };
  }

  /** A stream that ends with the container, or what there is now: dockerode gives a stream only for the former. */
  private async logSource(container: Docker.Container, query: Docker.ContainerLogsOptions, asStream: boolean): Promise<Readable> {
    if (asStream) return (await container.logs({ ...query, follow: true })) as unknown as Readable;
    return Readable.from([await container.logs({ ...query, follow: false })]);
  }

  /** Where log collectors look for it. */
  private async linkLog(logPath: string, target: string | undefined): Promise<void> {
    if (!logPath || !target) return;
    try {
      await mkdir(path.dirname(logPath), { recursive: true });
      await rm(logPath, { force: true });
      await symlink(target, logPath);
    } catch (err) {
      this.options.logger.debug('log not linked', { logPath, err });
    }
  }
}
