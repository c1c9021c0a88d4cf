// configMap volumes.
import { namespaceOf } from '../pods/pod.js';
import { projectedVolume } from './projected-volume.js';
import { configMapFiles } from './sources.js';
import type { VolumePlugin } from './volume.js';

export const configMapVolume: VolumePlugin = projectedVolume(
  'kubernetes.io~configmap',
  ({ configMap }) => configMap !== undefined,
  async ({ pod, volume, sources }) => {
    const { name = '', items, defaultMode = 0o644, optional = false } = volume.configMap ?? {};
    const object = await sources.configMap(namespaceOf(pod), name);
    if (!object && !optional) throw new Error(`configmap "${name}" not found`);
    return object ? configMapFiles(object, { items, defaultMode, optional }) : new Map();
  },
);
