// What a kubelet may say of its own node: neither how it is chosen nor who keeps away from it.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import { deepEqual, type Node } from '@steersman/api';
import type { NodeRequest } from './node-restriction.js';

const restricted = 'node-restriction.kubernetes.io';
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'kubernetes.io/os',
  'kubernetes.io/arch',
]);
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const isIn = (domain: string, namespace: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);

/** Labels of Kubernetes' own that nobody but administrators sets. */
function isForbidden(label: string): boolean {
  const namespace = label.includes('/') ? label.slice(0, label.indexOf('/')) : '';
  if (isIn(restricted, namespace)) return true;
  if (!isIn('kubernetes.io', namespace) && !isIn('k8s.io', namespace)) return false;
  return !kubeletLabels.has(label) && !kubeletNamespaces.some((domain) => isIn(domain, namespace));
}

function forbiddenChanges(labels: Node['metadata']['labels'] = {}, before: Node['metadata']['labels'] = {}): string[] {
  const names = new Set([...Object.keys(labels), ...Object.keys(before)]);
  return [...names].filter((name) => labels[name] !== before[name] && isForbidden(name)).sort();
}

export function checkNode({ request, node, refuse }: NodeRequest): void {
  const target = request.name ?? request.object?.metadata.name;
  if (target !== node) throw refuse(`node "${node}" is not allowed to modify node "${target}"`);
  const object = request.object as unknown as Node | undefined;
  const old = request.old as unknown as Node | undefined;
  if (request.operation === 'CREATE') {
    if (object?.spec?.configSource) throw refuse('is not allowed to create pods with a non-nil configSource');
    const labels = forbiddenChanges(object?.metadata.labels);
    if (labels.length) throw refuse(`is not allowed to set the following labels: ${labels.join(', ')}`);
  }
  if (request.operation !== 'UPDATE') return;
  if (object?.spec?.configSource && !deepEqual(object.spec.configSource, old?.spec?.configSource))
    throw refuse(`node "${node}" cannot update configSource to a new non-nil configSource`);
  if (!deepEqual(object?.spec?.taints ?? [], old?.spec?.taints ?? [])) throw refuse(`node "${node}" is not allowed to modify taints`);
  const labels = forbiddenChanges(object?.metadata.labels, old?.metadata.labels);
  if (labels.length) throw refuse(`is not allowed to modify labels: ${labels.join(', ')}`);
  if (!deepEqual(object?.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? []))
    throw refuse(`node "${node}" is not allowed to modify ownerReferences`);
}
