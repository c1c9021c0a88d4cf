// All the containers of a pod, of whatever sort, with their paths.
import type { Container, EphemeralContainer, PodSpec } from '../../gen/types.js';

export interface PlacedContainer {
  readonly container: Container | EphemeralContainer;
  readonly path: string;
}

export const containersOf = (spec: PodSpec, path: string): PlacedContainer[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => ({ container, path: `${path}.${list}[${index}]` })),
  );
