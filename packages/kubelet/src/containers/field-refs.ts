// Values of a pod's fields and of a container's resources, for variables and downward API files.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
import { parseQuantity, type ResourceFieldSelector } from '@steersman/api';
import { type AnyContainer, type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';

export interface FieldContext {
  readonly pod: NodePod;
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
}

/** A string as Go's strconv.Quote writes it, as far as labels and annotations go. */
const quoted = (value: string): string =>
  JSON.stringify(value).replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => (hex.startsWith('00') ? `\\x${hex.slice(2)}` : `\\u${hex}`));

/** `key="value"` lines, sorted by key. */
export const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join('\n');

/** The value of a field path; undefined where there is no such field. */
export function fieldValue(path: string, { pod, podIps, hostIps }: FieldContext): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return nameOf(pod);
    case 'metadata.namespace':
      return namespaceOf(pod);
    case 'metadata.uid':
      return uidOf(pod);
    case 'metadata.labels':
      return formatMap(pod.metadata.labels);
    case 'metadata.annotations':
      return formatMap(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'spec.restartPolicy':
      return pod.spec.restartPolicy ?? '';
    case 'status.hostIP':
      return hostIps[0] ?? '';
    case 'status.hostIPs':
      return hostIps.join(',');
    case 'status.podIP':
      return podIps[0] ?? '';
    case 'status.podIPs':
      return podIps.join(',');
    default:
      return undefined;
  }
}

/** A resource of the container in units of the divisor, rounded up; limits that are not set are the node's. */
export function resourceValue(
  { resource, divisor }: ResourceFieldSelector,
  container: AnyContainer,
  allocatable: Readonly<Record<string, string>>,
): string {
  const [kind, ...rest] = resource.split('.');
  const name = rest.join('.');
  const { requests, limits } = container.resources ?? {};
  const value = kind === 'limits' ? (limits?.[name] ?? allocatable[name] ?? '0') : (requests?.[name] ?? '0');
  const unit = divisor && divisor !== '0' ? divisor : '1';
  const [amount, size] = [parseQuantity(value).nano, parseQuantity(unit).nano];
  return String((amount + size - 1n) / size);
}
