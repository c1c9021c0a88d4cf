// The cluster that the access cases are about: roles, bindings, and the pods and nodes that the Node authorizer looks at.

const rbac = 'rbac.authorization.k8s.io';
const meta = (name: string, namespace?: string): object => ({ metadata: { name, ...(namespace && { namespace }) } });
const rule = (verbs: string, apiGroups: string, resources: string, resourceNames?: string): object => ({
  verbs: verbs.split(','),
  apiGroups: apiGroups.split(','),
  resources: resources.split(','),
  ...(resourceNames && { resourceNames: resourceNames.split(',') }),
});

const role = (name: string, ...rules: object[]): object => ({ apiVersion: `${rbac}/v1`, kind: 'Role', ...meta(name, 'team'), rules });
const clusterRole = (name: string, ...rules: object[]): object => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', ...meta(name), rules });

type Subject = readonly ['User' | 'Group' | 'ServiceAccount', string];

const subjectOf = ([kind, name]: Subject): object => ({ kind, name, ...(kind === 'ServiceAccount' ? { namespace: 'team' } : { apiGroup: rbac }) });

/** A binding in team. */
const binding = (name: string, [kind, to]: readonly ['Role' | 'ClusterRole', string], subject: Subject = ['User', name]): object => ({
  apiVersion: `${rbac}/v1`,
  kind: 'RoleBinding',
  ...meta(name, 'team'),
  roleRef: { apiGroup: rbac, kind, name: to },
  subjects: [subjectOf(subject)],
});

const clusterBinding = (name: string, to: string, subject: Subject = ['User', name]): object => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  ...meta(name),
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: to },
  subjects: [subjectOf(subject)],
});

const granting = rule('get,create,update', rbac, 'roles,rolebindings');
const holding = rule('get,list', '', 'pods');

const pod = (name: string, nodeName: string, volumes: readonly object[] = []): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  ...meta(name, 'team'),
  spec: { nodeName, serviceAccountName: 'default', containers: [{ name: 'c', image: 'i' }], volumes },
});

/** Everything there is, in the order in which it is made. */
export const objects: readonly object[] = [
  ...['team', 'other'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', ...meta(name) })),
  ...['n1', 'n2'].map((name) => ({ apiVersion: 'v1', kind: 'Node', ...meta(name) })),
  pod('p', 'n1', [
    { name: 's', secret: { secretName: 's' } },
    { name: 'c', configMap: { name: 'c' } },
    { name: 'v', persistentVolumeClaim: { claimName: 'v' } },
  ]),
  pod('q', 'n2'),
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    ...meta('pv'),
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, claimRef: { namespace: 'team', name: 'v' } },
  },
  binding('viewer', ['ClusterRole', 'view']),
  binding('editor', ['ClusterRole', 'edit']),
  binding('admin', ['ClusterRole', 'admin']),
  binding('team-root', ['ClusterRole', 'cluster-admin']),
  clusterBinding('boss', 'cluster-admin'),
  clusterBinding('cluster-viewer', 'view'),
  role('named', rule('get,list,watch,update', '', 'configmaps', 'one,two'), rule('delete', '', 'pods', 'p')),
  binding('named', ['Role', 'named']),
  role('parts', rule('get,patch', '*', '*/scale'), rule('get', '', 'pods,pods/log')),
  binding('parts', ['Role', 'parts']),
  clusterRole('paths', { verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] }),
  clusterBinding('paths', 'paths'),
  role('jobs', rule('get,list', 'batch', 'jobs')),
  binding('builders', ['Role', 'jobs'], ['Group', 'builders']),
  role('maps', rule('get', '', 'configmaps')),
  binding('worker', ['Role', 'maps'], ['ServiceAccount', 'worker']),
  role('pods', rule('get,list', '', 'pods')),
  binding('accounts', ['Role', 'pods'], ['Group', 'system:serviceaccounts:team']),
  role('held', holding),
  role('granter', granting, holding),
  binding('granter', ['Role', 'granter']),
  role('escalator', granting, holding, rule('escalate', rbac, 'roles')),
  binding('escalator', ['Role', 'escalator']),
  role('binder', granting, holding, rule('bind', rbac, 'clusterroles', 'view')),
  binding('binder', ['Role', 'binder']),
  clusterRole(
    'actor',
    rule('impersonate', '', 'users', 'ann'),
    rule('impersonate', '', 'groups', 'devs'),
    rule('impersonate', 'authentication.k8s.io', 'userextras/scope', 'read'),
  ),
  clusterBinding('actor', 'actor'),
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    ...meta('auditor'),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'example.com/auditor': 'true' } }] },
    rules: [],
  },
  ...[rule('get,list', '', 'events'), rule('get,list', rbac, 'clusterroles')].map((one, index) => ({
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: `auditor-${index}`, labels: { 'example.com/auditor': 'true' } },
    rules: [one],
  })),
  clusterBinding('aggregated', 'auditor'),
];

const bindingOf = (kind: 'Role' | 'ClusterRole', name: string): object => binding('made', [kind, name], ['User', 'somebody']);

const tokenOf = (name: string, audiences: readonly string[] = []): ((uid: (pod: string) => string) => object) => {
  return (uid) => ({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid: uid(name) } },
  });
};

/** Bodies by the names that cases call them by. */
export const bodies: Readonly<Record<string, object | ((uid: (pod: string) => string) => object)>> = {
  'role-pods': role('made', holding),
  'role-held': role('held', rule('get', '', 'pods')),
  'role-secrets': role('made', rule('get', '', 'secrets')),
  'role-nodes': role('made', rule('get', '', 'nodes')),
  'role-all': role('made', rule('*', '*', '*')),
  'cluster-role-pods': clusterRole('made', holding),
  'cluster-role-all': clusterRole('made', rule('*', '*', '*')),
  'binding-view': bindingOf('ClusterRole', 'view'),
  'binding-edit': bindingOf('ClusterRole', 'edit'),
  'binding-admin': bindingOf('ClusterRole', 'admin'),
  'binding-root': bindingOf('ClusterRole', 'cluster-admin'),
  'binding-held': bindingOf('Role', 'held'),
  'cluster-binding-view': clusterBinding('made', 'view'),
  'cluster-binding-root': clusterBinding('made', 'cluster-admin'),
  access: {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'team' } },
  },
  rules: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'team' } },
  label: { metadata: { labels: { a: 'b' } } },
  'restricted-label': { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } },
  taint: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
  pod: pod('made', 'n1'),
  'token-of-p': tokenOf('p'),
  'token-of-q': tokenOf('q'),
  'token-for-others': tokenOf('p', ['vault']),
};
