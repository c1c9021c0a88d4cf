// What a kubelet may do with pods: report on those bound to it, end them, and show those that it runs by itself.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import { deepEqual, type Pod } from '@steersman/api';
import { referencesOf } from '../../authz/pod-references.js';
import type { NodeRequest } from './node-restriction.js';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

const boundTo = (pod: Pod | undefined, node: string): boolean => pod?.spec?.nodeName === node;

export function checkPod(one: NodeRequest): void {
  const { request, node, refuse } = one;
  if (request.operation === 'CREATE') checkMirror(one);
  else if (request.operation === 'DELETE') {
    if (!boundTo(request.old as unknown as Pod, node)) throw refuse(`node "${node}" can only delete pods with spec.nodeName set to itself`);
  } else throw refuse(`unexpected operation "${request.operation}", node "${node}" can only create and delete mirror pods`);
}

const referenceTexts: readonly (readonly [string, string])[] = [
  ['serviceaccounts/', 'pods that reference a service account'],
  ['secrets/', 'pods that reference secrets'],
  ['configmaps/', 'pods that reference configmaps'],
  ['persistentvolumeclaims/', 'pods that reference persistentvolumeclaims'],
  ['resourceclaims/', 'pods that reference resourceclaims'],
];

function checkMirror({ request, node, refuse }: NodeRequest): void {
  const pod = request.object as unknown as Pod;
  const { [mirrorAnnotation]: mirror, ...annotations } = pod.metadata.annotations ?? {};
  if (mirror === undefined) throw refuse(`pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`);
  if (!boundTo(pod, node)) throw refuse(`node "${node}" can only create pods with spec.nodeName set to itself`);
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length > 1) throw refuse(`node "${node}" can only create pods with a single owner reference set to itself`);
  for (const { apiVersion, kind, name, controller, blockOwnerDeletion } of owners) {
    if (apiVersion !== 'v1' || kind !== 'Node' || name !== node)
      throw refuse(`node "${node}" can only create pods with an owner reference set to itself`);
    if (controller !== true) throw refuse(`node "${node}" can only create pods with a controller owner reference set to itself`);
    if (blockOwnerDeletion) throw refuse(`node "${node}" must not set blockOwnerDeletion on an owner reference`);
  }
  const references = referencesOf({ ...pod, metadata: { ...pod.metadata, annotations } });
  for (const [prefix, what] of referenceTexts)
    if (references.some((key) => key.startsWith(prefix))) throw refuse(`node "${node}" can not create ${what}`);
}

export function checkPodStatus({ request, node, refuse }: NodeRequest): void {
  if (request.operation !== 'UPDATE') throw refuse(`unexpected operation "${request.operation}"`);
  const pod = request.object as unknown as Pod;
  const old = request.old as unknown as Pod;
  if (!boundTo(old, node)) throw refuse(`node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
  if (!deepEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) throw refuse(`node "${node}" cannot update labels through pod status`);
  if (!deepEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? []))
    throw refuse(`node "${node}" cannot update resource claim statuses`);
}

export function checkEviction({ request, node, tools, refuse }: NodeRequest): void {
  const pod = tools.pods.peek(request.namespace, request.name ?? '')?.object as unknown as Pod | undefined;
  if (pod && !boundTo(pod, node)) throw refuse(`node ${node} can only evict pods with spec.nodeName set to itself`);
}
