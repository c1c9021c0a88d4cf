// The flow schemas and priority levels that every server has, and that nobody may change.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#mandatory-configuration-objects
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../../gen/types.js';
import { anything, inGroups } from './suggested.js';

export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 1, rules: [anything(inGroups('system:masters'))] },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [anything(inGroups('system:unauthenticated', 'system:authenticated'))],
  },
};

export const mandatoryPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 } },
};
