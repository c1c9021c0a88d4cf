// Which container on which node a streaming request means; refused in upstream's words where it means none.
import { badRequest, type Node, type Pod } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import type { NodeApi } from '@steersman/rpc';
import type { Registry } from '../registry/registry.js';

/** Reaches the kubelet of a node; throws 503 where it cannot. */
export type NodeConnector = (node: Node) => NodeApi;

export interface PodTarget {
  readonly pod: Pod;
  readonly container: string;
  readonly node: NodeApi;
}

/** The container meant; the only one where none is named. */
export function containerOf(pod: Pod, given: string | null): string {
  const name = pod.metadata.name ?? '';
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers].map((container) => container.name);
  if (given) {
    if (!all.includes(given)) throw badRequest(`container ${given} is not valid for pod ${name}`);
    return given;
  }
  const [only] = containers;
  if (containers.length === 1 && only) return only.name;
  const names = containers.map((container) => container.name).join(' ');
  const inits = initContainers.length ? ` or one of the init containers: [${initContainers.map((container) => container.name).join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names}]${inits}`);
}

export async function findPod(registry: Registry, path: ResourcePath): Promise<Pod> {
  return (await registry.stored('', 'pods').get(path.namespace, path.name ?? '')).object as unknown as Pod;
}

/** The kubelet of the pod's node. */
export function nodeOf(registry: Registry, connect: NodeConnector, pod: Pod): NodeApi {
  const nodeName = pod.spec?.nodeName;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = registry.stored('', 'nodes').peek(undefined, nodeName)?.object as unknown as Node | undefined;
  if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return connect(node);
}
