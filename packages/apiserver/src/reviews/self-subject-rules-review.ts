// SelfSubjectRulesReview: everything the asker may do in a namespace.
import { badRequest, type PolicyRule, type SelfSubjectRulesReview } from '@steersman/api';
import { mastersGroup } from '../authn/user.js';
import type { RbacAuthorizer } from '../authz/rbac-authorizer.js';
import type { Review } from './review.js';

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export const selfSubjectRulesReview =
  (rbac: RbacAuthorizer): Review =>
  ({ context, object, tools }) => {
    const { namespace } = (object as unknown as SelfSubjectRulesReview).spec;
    if (!namespace) throw badRequest('no namespace on request');
    const { user } = context;
    const problem = tools.authorizer.cannotList?.(user);
    const rules = [...(user.groups.includes(mastersGroup) ? everything : []), ...[...rbac.rulesOf(user, namespace)].map(({ rule }) => rule)];
    return {
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.flatMap(({ verbs, apiGroups, resources, resourceNames }) =>
          resources?.length ? [{ verbs, apiGroups, resources, ...(resourceNames?.length && { resourceNames }) }] : [],
        ),
        nonResourceRules: rules.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [])),
        incomplete: problem !== undefined,
        ...(problem !== undefined && { evaluationError: problem }),
      },
    };
  };
