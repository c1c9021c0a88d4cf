// NodeRestriction: a kubelet writes its own node, the pods bound to it and what belongs to it, and nothing else.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import { forbidden } from '@steersman/api';
import type { Authorizer } from '../../authz/authorizer.js';
import type { Resource } from '../../registry/resource.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js';
import { checkNode } from './own-node.js';
import { checkEviction, checkPod, checkPodStatus } from './own-pods.js';
import { checkToken } from './own-tokens.js';

const nodePrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';

export interface NodeRestrictionTools {
  readonly pods: Resource;
  readonly claims: Resource;
  readonly volumes: Resource;
  readonly drivers: Resource;
  readonly authorizer: Authorizer;
}

/** A request of a kubelet, by the name of its node. */
export interface NodeRequest {
  readonly request: AdmissionRequest;
  readonly node: string;
  readonly tools: NodeRestrictionTools;
  refuse(why: string): Error;
}

type Check = (one: NodeRequest) => void;

const targetOf = ({ name, object }: AdmissionRequest): string => name ?? object?.metadata.name ?? '';

const checkLease: Check = ({ request, node, refuse }) => {
  if (request.namespace !== leaseNamespace) throw refuse(`can only access leases in the "${leaseNamespace}" system namespace`);
  if (targetOf(request) !== node) throw refuse('can only access node lease with the same name as the requesting node');
};

const checkCsiNode: Check = ({ request, node, refuse }) => {
  if (targetOf(request) !== node) throw refuse('can only access CSINode with the same name as the requesting node');
};

const checkSlice: Check = ({ request, node, refuse }) => {
  const nodeOf = (object: AdmissionRequest['object']): string => (object?.['spec'] as { nodeName?: string } | undefined)?.nodeName ?? '';
  if (request.operation === 'CREATE' && nodeOf(request.object) !== node)
    throw refuse('can only create ResourceSlice with the same NodeName as the requesting node');
  if (request.operation === 'DELETE' && nodeOf(request.old) !== node)
    throw refuse('can only delete ResourceSlice with the same NodeName as the requesting node');
};

/** By `group/resource/subresource`. */
const checks: Readonly<Record<string, Check>> = {
  '/pods/': checkPod,
  '/pods/status': checkPodStatus,
  '/pods/eviction': checkEviction,
  '/nodes/': checkNode,
  '/nodes/status': checkNode,
  '/serviceaccounts/token': checkToken,
  'coordination.k8s.io/leases/': checkLease,
  'storage.k8s.io/csinodes/': checkCsiNode,
  'resource.k8s.io/resourceslices/': checkSlice,
};

export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';

  constructor(private readonly tools: NodeRestrictionTools) {}

  validate(request: AdmissionRequest): void {
    const { user, resource, subresource = '' } = request;
    if (!user.groups.includes('system:nodes') || !user.name.startsWith(nodePrefix)) return;
    const { group, resource: name } = resource.definition.info;
    const refuse = (why: string): Error => forbidden({ group, resource: name }, targetOf(request), why);
    const node = user.name.slice(nodePrefix.length);
    if (!node) throw refuse(`could not determine node from user ${JSON.stringify(user.name)}`);
    checks[`${group}/${name}/${subresource}`]?.({ request, node, tools: this.tools, refuse });
  }
}
