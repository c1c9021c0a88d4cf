// NodeRestriction: a kubelet writes its own node and the pods bound to it, and nothing else.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import { forbidden, type Node, type Pod } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';

const nodePrefix = 'system:node:';
const restrictedPrefix = 'node-restriction.kubernetes.io/';

export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';

  constructor(private readonly pods: Resource) {}

  validate(request: AdmissionRequest): void {
    const { user, resource } = request;
    if (!user.groups.includes('system:nodes') || !user.name.startsWith(nodePrefix)) return;
    const node = user.name.slice(nodePrefix.length);
    const { group, resource: name } = resource.definition.info;
    const refuse = (why: string): Error => forbidden({ group, resource: name }, request.name ?? request.object?.metadata.name ?? '', why);
    if (group === '' && name === 'nodes') this.checkNode(request, node, refuse);
    if (group === '' && name === 'pods') this.checkPod(request, node, refuse);
    if (group === 'coordination.k8s.io' && name === 'leases') checkLease(request, node, refuse);
    if (group === '' && name === 'serviceaccounts' && request.subresource === 'token') this.checkToken(request, node, refuse);
  }

  private checkNode(request: AdmissionRequest, node: string, refuse: (why: string) => Error): void {
    const target = request.name ?? request.object?.metadata.name;
    if (target !== node) throw refuse(`node "${node}" is not allowed to modify node "${target}"`);
    const object = request.object as unknown as Node | undefined;
    const old = request.old as unknown as Node | undefined;
    for (const [label, value] of Object.entries(object?.metadata.labels ?? {}))
      if (label.startsWith(restrictedPrefix) && old?.metadata.labels?.[label] !== value) throw refuse(`is not allowed to modify labels: ${label}`);
    if (request.operation === 'UPDATE' && old && JSON.stringify(object?.spec?.taints ?? []) !== JSON.stringify(old.spec?.taints ?? []))
      throw refuse(`node "${node}" is not allowed to modify taints`);
  }

  private checkPod(request: AdmissionRequest, node: string, refuse: (why: string) => Error): void {
    const mine = (pod: Pod | undefined): boolean => pod?.spec?.nodeName === node;
    if (request.operation === 'CREATE' && request.subresource === undefined) {
      const pod = request.object as unknown as Pod;
      if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined)
        throw refuse(`pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`);
      if (!mine(pod)) throw refuse(`node "${node}" can only create pods with spec.nodeName set to itself`);
      return;
    }
    if (request.operation === 'CREATE' && request.subresource === 'eviction') return;
    const existing = (request.old ?? this.pods.peek(request.namespace, request.name ?? '')?.object) as unknown as Pod | undefined;
    if (existing && !mine(existing))
      throw refuse(
        `node "${node}" can only ${request.operation === 'DELETE' ? 'delete' : 'update status for'} pods with spec.nodeName set to itself`,
      );
  }

  private checkToken(request: AdmissionRequest, node: string, refuse: (why: string) => Error): void {
    const reference = (request.object?.['spec'] as { boundObjectRef?: { kind?: string; name?: string; uid?: string } } | undefined)?.boundObjectRef;
    if (reference?.kind !== 'Pod' || !reference.name) throw refuse(`node requested token not bound to a pod`);
    const pod = this.pods.peek(request.namespace, reference.name)?.object as unknown as Pod | undefined;
    if (pod?.spec?.nodeName !== node) throw refuse(`node requested token bound to a pod scheduled on a different node`);
  }
}

function checkLease(request: AdmissionRequest, node: string, refuse: (why: string) => Error): void {
  const target = request.name ?? request.object?.metadata.name;
  if (request.namespace !== 'kube-node-lease') throw refuse(`can only access leases in the "kube-node-lease" system namespace`);
  if (target !== node) throw refuse(`can only access node lease with the same name as the requesting node`);
}
