// The flow schemas and priority levels that a server starts with, and keeps up to date as long as nobody says otherwise.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#suggested-configuration-objects
import type { FlowcontrolSubject, FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../../gen/types.js';

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];

export const inGroups = (...names: string[]): FlowcontrolSubject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: string[]): FlowcontrolSubject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const systemAccounts: FlowcontrolSubject[] = [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'kube-system' } }];

const resources = (group: string, names: string[], { clusterScope = false, verbs = ['*'] } = {}): ResourceRule => ({
  verbs,
  apiGroups: [group],
  resources: names,
  ...(clusterScope && { clusterScope }),
  namespaces: ['*'],
});

/** Whatever these may ask for. */
export const anything = (subjects: FlowcontrolSubject[]): Rule => ({
  subjects,
  resourceRules: [resources('*', ['*'], { clusterScope: true })],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

const schema = (level: string, matchingPrecedence: number, distinguisher: 'ByUser' | 'ByNamespace' | undefined, rule: Rule): FlowSchemaSpec => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence,
  ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
  rules: [rule],
});

const everybody = inGroups('system:unauthenticated', 'system:authenticated');
const nodes = inGroups('system:nodes');

export const suggestedFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  'system-nodes': schema('system', 500, 'ByUser', anything(nodes)),
  'system-node-high': schema('node-high', 400, 'ByUser', {
    subjects: nodes,
    resourceRules: [resources('', ['nodes', 'nodes/status'], { clusterScope: true }), resources('coordination.k8s.io', ['leases'])],
  }),
  probes: schema('exempt', 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  'system-leader-election': schema('leader-election', 100, 'ByUser', {
    subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), ...systemAccounts],
    resourceRules: [resources('coordination.k8s.io', ['leases'], { verbs: ['get', 'create', 'update'] })],
  }),
  'kube-controller-manager': schema('workload-high', 800, 'ByNamespace', anything(users('system:kube-controller-manager'))),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', anything(users('system:kube-scheduler'))),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', anything(systemAccounts)),
  'service-accounts': schema('workload-low', 9000, 'ByUser', anything(inGroups('system:serviceaccounts'))),
  'global-default': schema('global-default', 9900, 'ByUser', anything(everybody)),
};

const level = (nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number): PriorityLevelConfigurationSpec => ({
  type: 'Limited',
  limited: { nominalConcurrencyShares, limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } }, lendablePercent },
});

export const suggestedPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: level(30, 33, 64, 6),
  'node-high': level(40, 25, 64, 6),
  'leader-election': level(10, 0, 16, 4),
  'workload-high': level(40, 50, 128, 6),
  'workload-low': level(100, 90, 128, 6),
  'global-default': level(20, 50, 128, 6),
};
