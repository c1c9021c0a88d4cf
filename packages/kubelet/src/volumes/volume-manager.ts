// The volumes of all pods on this node: set up before containers start, kept up to date, taken down when the pod is gone.
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Volume } from '@steersman/api';
import { messageOf } from '../containers/container-error.js';
import { type NodePod, uidOf } from '../pods/pod.js';
import { configMapVolume } from './config-map.js';
import { downwardApiVolume } from './downward-api.js';
import { emptyDirVolume } from './empty-dir.js';
import { hostPathVolume } from './host-path.js';
import { persistentVolumePlugin } from './persistent.js';
import { projectedVolumePlugin } from './projected.js';
import { secretVolume } from './secret.js';
import { unmountUnder } from './tmpfs.js';
import type { MountedVolume, VolumePlugin, VolumeSources } from './volume.js';

const plugins: readonly VolumePlugin[] = [
  configMapVolume,
  secretVolume,
  downwardApiVolume,
  projectedVolumePlugin,
  emptyDirVolume,
  hostPathVolume,
  persistentVolumePlugin,
];

export interface VolumeManagerOptions {
  readonly dataDir: string;
  /** Without one nothing is written: it is only checked that references are there. */
  readonly hasFileSystem: boolean;
  sources(pod: NodePod): VolumeSources;
}

/** A volume that could not be set up, with the message of its FailedMount event. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export class VolumeManager {
  private readonly mounted = new Map<string, Map<string, MountedVolume>>();

  constructor(private readonly options: VolumeManagerOptions) {}

  pathOf(pod: NodePod, volume: string): MountedVolume | undefined {
    return this.mounted.get(uidOf(pod))?.get(volume);
  }

  /** Makes every volume of the pod ready, or brings it up to date; collects what fails. */
  async setUp(pod: NodePod): Promise<readonly VolumeError[]> {
    const uid = uidOf(pod);
    const ready = this.mounted.get(uid) ?? new Map<string, MountedVolume>();
    this.mounted.set(uid, ready);
    const errors: VolumeError[] = [];
    for (const volume of pod.spec.volumes ?? []) {
      const known = ready.get(volume.name);
      const plugin = plugins.find((each) => each.handles(volume));
      if (known && !plugin?.live) continue;
      try {
        if (!plugin) throw new Error(`no volume plugin matched name: ${Object.keys(volume).find((key) => key !== 'name') ?? ''}`);
        if (this.options.hasFileSystem) ready.set(volume.name, await this.setUpOne(pod, volume, plugin));
        else await this.check(pod, volume);
      } catch (error) {
        // A mounted volume keeps what it has.
        if (!known) errors.push(new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`, { cause: error }));
      }
    }
    return errors;
  }

  /** Pods that have a directory here. */
  async known(): Promise<readonly string[]> {
    return this.options.hasFileSystem ? readdir(path.join(this.options.dataDir, 'pods')).catch(() => []) : [];
  }

  /** Takes down everything of the pod on this node. */
  async tearDown(uid: string): Promise<void> {
    this.mounted.delete(uid);
    if (!this.options.hasFileSystem) return;
    const directory = path.join(this.options.dataDir, 'pods', uid);
    await unmountUnder(directory);
    await rm(directory, { recursive: true, force: true });
  }

  private async setUpOne(pod: NodePod, volume: Volume, plugin: VolumePlugin): Promise<MountedVolume> {
    const directory = path.join(this.options.dataDir, 'pods', uidOf(pod), 'volumes', plugin.directoryName, volume.name);
    await mkdir(path.dirname(directory), { recursive: true, mode: 0o750 });
    return plugin.setUp({ pod, volume, directory, sources: this.options.sources(pod) });
  }

  /** A simulated container has no files, but waits for what it refers to all the same. */
  private async check(pod: NodePod, volume: Volume): Promise<void> {
    const sources = this.options.sources(pod);
    const namespace = pod.metadata.namespace ?? '';
    if (volume.persistentVolumeClaim) await sources.persistentVolume(namespace, volume.persistentVolumeClaim.claimName);
    const wanted = [
      { configMap: volume.configMap, secret: volume.secret && { name: volume.secret.secretName, optional: volume.secret.optional } },
      ...(volume.projected?.sources ?? []),
    ];
    for (const { configMap, secret } of wanted) {
      if (configMap && !configMap.optional && !(await sources.configMap(namespace, configMap.name ?? '')))
        throw new Error(`configmap "${configMap.name}" not found`);
      if (secret && !secret.optional && !(await sources.secret(namespace, secret.name ?? ''))) throw new Error(`secret "${secret.name}" not found`);
    }
  }
}
