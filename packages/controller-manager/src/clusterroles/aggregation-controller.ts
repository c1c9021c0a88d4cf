// Aggregated cluster roles: their rules are the union of the rules of the roles that their selectors match.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
import { type ClusterRole, deepEqual, type KubernetesObject, labelSelectorMatches, type PolicyRule } from '@steersman/api';
import { type Client, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

export class ClusterRoleAggregationController implements Controller<'ClusterRole'> {
  readonly name = 'clusterrole-aggregation';
  readonly watches = 'ClusterRole';
  readonly related;

  constructor(private readonly tools: { client: Client; informers: InformerFactory }) {
    this.related = [{ kind: 'ClusterRole' as const, keysOf: (_event: InformerEvent<KubernetesObject>) => this.aggregated().map(keyOf) }];
  }

  private aggregated(): ClusterRole[] {
    return this.tools.informers
      .of('ClusterRole')
      .lister.list()
      .filter(({ aggregationRule }) => aggregationRule);
  }

  async reconcile(role: ClusterRole): Promise<Result> {
    if (!role.aggregationRule) return done;
    const rules: PolicyRule[] = [];
    const roles = [...this.tools.informers.of('ClusterRole').lister.list()].sort((a, b) =>
      (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1,
    );
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? [])
      for (const one of roles)
        if (one.metadata.name !== role.metadata.name && labelSelectorMatches(selector, one.metadata.labels ?? {}))
          for (const rule of one.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    if (!deepEqual(rules, role.rules ?? [])) await this.tools.client.update<ClusterRole>({ ...role, rules });
    return done;
  }
}
