// Claims on persistent volumes, the pod's own (ephemeral) among them: volumes that are directories of the node.
import type { PersistentVolume, Volume } from '@steersman/api';
import { type NodePod, nameOf, namespaceOf } from '../pods/pod.js';
import { hostPathVolume } from './host-path.js';
import type { VolumePlugin } from './volume.js';

const claimOf = (pod: NodePod, { name, persistentVolumeClaim, ephemeral }: Volume): string =>
  persistentVolumeClaim?.claimName ?? (ephemeral ? `${nameOf(pod)}-${name}` : '');

/** A persistent volume as the volume it stands for on this node. */
function sourceOf(name: string, { metadata, spec }: PersistentVolume): Volume {
  if (spec?.hostPath) return { name, hostPath: spec.hostPath };
  if (spec?.local) return { name, hostPath: { path: spec.local.path, type: '' } };
  throw new Error(`no volume plugin matched the persistent volume ${metadata.name}: only hostPath and local are supported`);
}

export const persistentVolumePlugin: VolumePlugin = {
  directoryName: 'kubernetes.io~persistent-volume',
  live: false,
  handles: ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim !== undefined || ephemeral !== undefined,
  async setUp(request) {
    const { pod, volume, sources } = request;
    const claim = claimOf(pod, volume);
    const persistent = await sources.persistentVolume(namespaceOf(pod), claim);
    const mounted = await hostPathVolume.setUp({ ...request, volume: sourceOf(volume.name, persistent) });
    return { ...mounted, readOnly: volume.persistentVolumeClaim?.readOnly === true };
  },
};
