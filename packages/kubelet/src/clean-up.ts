// Removes everything that the kubelets of a cluster left on this machine: containers, mounts, logs, directories.
import { rm } from 'node:fs/promises';
import Docker from 'dockerode';
import { isMissing } from './runtime/docker/docker-error.js';
import { clusterLabel } from './runtime/docker/docker-names.js';
import { podNameLabel, podNamespaceLabel, podUidLabel } from './runtime/labels.js';
import { unmountUnder } from './volumes/tmpfs.js';

export interface CleanUpOptions {
  /** What the runtime was given as its cluster ID. */
  readonly clusterId: string;
  /** The kubelets' data directories. */
  readonly dataDirs: readonly string[];
  readonly socketPath?: string;
}

/** Doing so twice does nothing. Containers are left alone where no Docker Engine answers. */
export async function cleanUp({ clusterId, dataDirs, socketPath = '/var/run/docker.sock' }: CleanUpOptions): Promise<void> {
  const docker = new Docker({ socketPath });
  const containers = await docker.listContainers({ all: true, filters: { label: [`${clusterLabel}=${clusterId}`] } }).catch(() => []);
  for (const { Id, Labels } of containers) {
    await docker
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    await rm(`/var/log/pods/${Labels[podNamespaceLabel]}_${Labels[podNameLabel]}_${Labels[podUidLabel]}`, { recursive: true, force: true });
  }
  for (const directory of dataDirs) {
    await unmountUnder(directory);
    await rm(directory, { recursive: true, force: true });
  }
}
