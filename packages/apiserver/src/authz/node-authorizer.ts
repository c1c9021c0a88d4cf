// The Node authorizer: a kubelet may do what the role system:node says, but reads its own node and pods only, and of secrets, config
// maps, claims and volumes those that its pods refer to. Mirrors https://kubernetes.io/docs/reference/access-authn-authz/node/
import { type ClusterRole, parseFieldSelector, type ResourceSlice, type VolumeAttachment } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';
import type { Resource } from '../registry/resource.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';
import type { NodeReferences } from './node-references.js';
import { ruleAllows } from './rbac-rules.js';

const nodePrefix = 'system:node:';
const leaseNamespace = 'kube-node-lease';
const yes: Decision = { allowed: true, reason: '' };
const no = (reason = ''): Decision => ({ allowed: false, reason });

const isKubelet = ({ name, groups }: UserInfo): boolean => groups.includes('system:nodes') && name.startsWith(nodePrefix);

export interface NodeAuthorizerOptions {
  readonly references: NodeReferences;
  readonly attachments: Resource;
  readonly slices: Resource;
  role(): ClusterRole | undefined;
}

type Asked = Exclude<Attributes, { path: string }>;
type Rule = (asked: Asked, node: string) => Decision | undefined;

/** Whether a request is about nothing but objects that have the node in this field. */
function selects({ fieldSelector }: Asked, field: string, node: string): boolean {
  if (!fieldSelector) return false;
  try {
    return parseFieldSelector(fieldSelector).exact(field) === node;
  } catch {
    return false;
  }
}

export class NodeAuthorizer implements Authorizer {
  readonly name = 'Node';

  constructor(private readonly options: NodeAuthorizerOptions) {}

  authorize(attributes: Attributes): Decision {
    const { user } = attributes;
    if (!isKubelet(user)) return no();
    const node = user.name.slice(nodePrefix.length);
    if (!node) return no(`unknown node for user ${JSON.stringify(user.name)}`);
    const own = 'path' in attributes ? undefined : this.rules[`${attributes.group}/${attributes.resource}`]?.(attributes, node);
    return own ?? ((this.options.role()?.rules ?? []).some((rule) => ruleAllows(rule, attributes)) ? yes : no());
  }

  cannotList(user: UserInfo): string | undefined {
    return isKubelet(user) ? 'node authorizer does not support user rule resolution' : undefined;
  }

  private readonly readable: Rule = (asked, node) => {
    if (!['get', 'list', 'watch'].includes(asked.verb)) return no('can only read resources of this type');
    if (asked.subresource) return no('cannot read subresource');
    if (!asked.namespace) return no('can only read namespaced object of this type');
    return this.related(asked, node);
  };

  private readonly gettable: Rule = (asked, node) => {
    if (asked.verb !== 'get') return no('can only get individual resources of this type');
    if (asked.subresource) return no('cannot get subresource');
    return this.related(asked, node);
  };

  private readonly claims: Rule = (asked, node) => {
    if (asked.subresource !== 'status') return this.gettable(asked, node);
    if (!['get', 'update', 'patch'].includes(asked.verb)) return no('can only get/update/patch this type');
    return this.related(asked, node);
  };

  /** Accounts and their tokens are for the pods that run as them. */
  private readonly accounts: Rule = (asked, node) => {
    if (asked.subresource === undefined) return this.gettable(asked, node);
    if (asked.subresource !== 'token' || asked.verb !== 'create') return no('can only create tokens for individual service accounts');
    return this.related(asked, node);
  };

  private related({ resource, namespace = '', name = '' }: Asked, node: string): Decision {
    if (!name) return no('No Object name found');
    const { references, attachments } = this.options;
    const found =
      resource === 'volumeattachments'
        ? (attachments.peek(undefined, name)?.object as unknown as VolumeAttachment | undefined)?.spec.nodeName === node
        : references.has(node, { resource, namespace, name });
    return found ? yes : no(`no relationship found between node '${node}' and this object`);
  }

  private readonly leases: Rule = ({ verb, namespace, name, subresource }, node) => {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no('can only get, create, update, patch, or delete a node lease');
    if (subresource) return no('cannot authorize lease subresources');
    if (namespace !== leaseNamespace) return no(`can only access leases in the "${leaseNamespace}" system namespace`);
    return verb === 'create' || name === node ? yes : no('can only access node lease with the same name as the requesting node');
  };

  private readonly csiNodes: Rule = ({ verb, name, subresource }, node) => {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no('can only get, create, update, patch, or delete a CSINode');
    if (subresource) return no('cannot authorize CSINode subresources');
    return verb === 'create' || name === node ? yes : no('can only access CSINode with the same name as the requesting node');
  };

  private readonly resourceSlices: Rule = (asked, node) => {
    if (asked.subresource) return no('cannot authorize ResourceSlice subresources');
    switch (asked.verb) {
      case 'create':
        return yes;
      case 'get':
      case 'update':
      case 'patch':
      case 'delete': {
        const slice = this.options.slices.peek(undefined, asked.name ?? '')?.object as unknown as ResourceSlice | undefined;
        return slice?.spec.nodeName === node ? yes : no(`no relationship found between node '${node}' and this object`);
      }
      case 'list':
      case 'watch':
      case 'deletecollection':
        return selects(asked, 'spec.nodeName', node) ? yes : no('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        return no('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection');
    }
  };

  private readonly nodes: Rule = ({ verb, name, subresource }, node) => {
    if (subresource !== undefined || !['get', 'list', 'watch'].includes(verb)) return undefined;
    if (name === node) return yes;
    return no(
      name ? `node '${node}' cannot read '${name}', only its own Node object` : `node '${node}' cannot read all nodes, only its own Node object`,
    );
  };

  private readonly pods: Rule = (asked, node) => {
    if (asked.subresource !== undefined) return undefined;
    if (asked.verb === 'get')
      return this.options.references.runs(node, asked.namespace ?? '', asked.name ?? '')
        ? yes
        : no(`no relationship found between node '${node}' and this object`);
    if (asked.verb !== 'list' && asked.verb !== 'watch') return undefined;
    return selects(asked, 'spec.nodeName', node) ? yes : no('can only list/watch pods with spec.nodeName field selector');
  };

  /** By `group/resource`; everything else is as the role has it. */
  private readonly rules: Readonly<Record<string, Rule>> = {
    '/secrets': this.readable,
    '/configmaps': this.readable,
    '/persistentvolumeclaims': this.claims,
    '/persistentvolumes': this.gettable,
    '/serviceaccounts': this.accounts,
    '/nodes': this.nodes,
    '/pods': this.pods,
    'resource.k8s.io/resourceclaims': this.gettable,
    'resource.k8s.io/resourceslices': this.resourceSlices,
    'storage.k8s.io/volumeattachments': this.gettable,
    'storage.k8s.io/csinodes': this.csiNodes,
    'coordination.k8s.io/leases': this.leases,
  };
}
