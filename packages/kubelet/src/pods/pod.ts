// A pod as the kubelet sees it, and the questions that everything here asks about it.
import type { Container, EphemeralContainer, Pod, PodSpec, PodStatus } from '@steersman/api';

/** A pod read from the API: it has a spec. */
export interface NodePod extends Pod {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

export const asNodePod = (pod: Pod): NodePod => ({ ...pod, spec: pod.spec ?? { containers: [] }, status: pod.status ?? {} }) as NodePod;

export type ContainerKind = 'init' | 'regular' | 'ephemeral';

/** A container of any kind. */
export type AnyContainer = Container | EphemeralContainer;

export const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';
export const nameOf = (pod: Pod): string => pod.metadata.name ?? '';
export const namespaceOf = (pod: Pod): string => pod.metadata.namespace ?? '';
/** How upstream writes a pod in messages. */
export const formatPod = (pod: Pod): string => `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`;

export const isHostNetwork = (pod: NodePod): boolean => pod.spec.hostNetwork === true;

export function* containersOf(pod: NodePod): Generator<{ kind: ContainerKind; container: AnyContainer }, void, undefined> {
  for (const container of pod.spec.initContainers ?? []) yield { kind: 'init', container };
  for (const container of pod.spec.containers) yield { kind: 'regular', container };
  for (const container of pod.spec.ephemeralContainers ?? []) yield { kind: 'ephemeral', container };
}

export function findContainer(pod: NodePod, name: string): { kind: ContainerKind; container: AnyContainer } | undefined {
  for (const found of containersOf(pod)) if (found.container.name === name) return found;
  return undefined;
}

const fieldNames: Record<ContainerKind, string> = { init: 'initContainers', regular: 'containers', ephemeral: 'ephemeralContainers' };

/** The path of a container in its pod, as events have it. */
export const fieldPathOf = (pod: NodePod, container: AnyContainer): string =>
  `spec.${fieldNames[findContainer(pod, container.name)?.kind ?? 'regular']}{${container.name}}`;

export const gracePeriodOf = (pod: NodePod): number => pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
