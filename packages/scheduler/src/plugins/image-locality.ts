// ImageLocality: nodes that have the pod's images already score higher, the more the larger and more widespread these are.
import type { Plugin } from '../framework/framework.js';

const name = 'ImageLocality';
const mebibyte = 1024 * 1024;
const minThreshold = 23 * mebibyte;
const maxContainerThreshold = 1000 * mebibyte;

/** The full name that images are listed under on nodes. */
const normalized = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image);

export const imageLocality: Plugin = {
  name,
  weight: 1,
  score(state, { node }) {
    const containers = [...(state.pod.spec?.initContainers ?? []), ...(state.pod.spec?.containers ?? [])];
    let spread = state.data.get(name) as Map<string, number> | undefined;
    if (!spread) {
      spread = new Map();
      const wanted = new Set(containers.map(({ image = '' }) => normalized(image)));
      for (const one of state.nodes)
        for (const { names = [] } of one.node?.status?.images ?? [])
          for (const imageName of names) if (wanted.has(imageName)) spread.set(imageName, (spread.get(imageName) ?? 0) + 1);
      state.data.set(name, spread);
    }
    if (spread.size === 0) return 0;
    let sum = 0;
    for (const { image = '' } of containers) {
      const found = node?.status?.images?.find(({ names = [] }) => names.includes(normalized(image)));
      if (found) sum += Math.floor((found.sizeBytes ?? 0) * ((spread.get(normalized(image)) ?? 0) / state.nodes.length));
    }
    const max = maxContainerThreshold * containers.length;
    const clamped = Math.min(Math.max(sum, minThreshold), max);
    return Math.floor((100 * (clamped - minThreshold)) / (max - minThreshold));
  },
};
