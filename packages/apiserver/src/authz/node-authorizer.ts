// The Node authorizer: a kubelet may do what the role system:node says, but reads just the secrets, config maps, claims and
// volumes that pods bound to its node refer to. Mirrors https://kubernetes.io/docs/reference/access-authn-authz/node/
import type { ClusterRole, Pod } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';
import { ruleAllows } from './rbac-rules.js';

const nodePrefix = 'system:node:';
const no: Decision = { allowed: false, reason: '' };
const yes: Decision = { allowed: true, reason: '' };

type PodSpec = NonNullable<Pod['spec']>;

/** Names of what a pod refers to, by resource. */
const references: Readonly<Record<string, (spec: PodSpec) => readonly (string | undefined)[]>> = {
  secrets: (spec) => [
    ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
    ...(spec.volumes ?? []).flatMap(({ secret, projected }) => [
      secret?.secretName,
      ...(projected?.sources ?? []).map((source) => source.secret?.name),
    ]),
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
  ],
  configmaps: (spec) => [
    ...(spec.volumes ?? []).flatMap(({ configMap, projected }) => [
      configMap?.name,
      ...(projected?.sources ?? []).map((source) => source.configMap?.name),
    ]),
    ...containersOf(spec).flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ]),
  ],
  persistentvolumeclaims: (spec) => (spec.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
  serviceaccounts: (spec) => [spec.serviceAccountName],
};

const containersOf = ({ containers, initContainers = [] }: PodSpec): PodSpec['containers'] => [...containers, ...initContainers];

export class NodeAuthorizer implements Authorizer {
  readonly name = 'Node';

  constructor(
    private readonly pods: Resource,
    private readonly role: () => ClusterRole | undefined,
  ) {}

  authorize(attributes: Attributes): Decision {
    const { user } = attributes;
    if (!user.groups.includes('system:nodes') || !user.name.startsWith(nodePrefix)) return no;
    const node = user.name.slice(nodePrefix.length);
    if (!('path' in attributes)) {
      const { group, resource, verb, name, namespace } = attributes;
      if (
        group === '' &&
        (resource === 'secrets' ||
          resource === 'configmaps' ||
          resource === 'persistentvolumeclaims' ||
          (resource === 'serviceaccounts' && attributes.subresource === 'token'))
      ) {
        if (name === undefined || !this.refers(node, { resource, name, namespace: namespace ?? '' }))
          return { allowed: false, reason: `no relationship found between node '${node}' and this object` };
        return verb === 'get' || verb === 'list' || verb === 'watch' || resource === 'serviceaccounts' ? yes : no;
      }
      if (group === 'coordination.k8s.io' && resource === 'leases')
        return namespace === 'kube-node-lease' && (name === undefined ? verb === 'create' : name === node) ? yes : no;
    }
    return (this.role()?.rules ?? []).some((rule) => ruleAllows(rule, attributes)) ? yes : no;
  }

  /** Whether a pod bound to the node names the object. */
  private refers(node: string, { resource, name, namespace }: { resource: string; name: string; namespace: string }): boolean {
    return this.pods.cache.list(namespace).some(({ object }) => {
      const { spec } = object as unknown as Pod;
      return spec?.nodeName === node && (references[resource]?.(spec).includes(name) ?? false);
    });
  }
}
