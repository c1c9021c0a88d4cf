// Webhook configurations, admission policies and their bindings.
import type {
  MatchResources,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../gen/types.js';

export function validatingWebhooksDefaults({ webhooks }: ValidatingWebhookConfiguration): void {
  for (const webhook of webhooks ?? []) webhookDefaults(webhook);
}

export function mutatingWebhooksDefaults({ webhooks }: MutatingWebhookConfiguration): void {
  for (const webhook of webhooks ?? []) {
    webhookDefaults(webhook);
    webhook.reinvocationPolicy ??= 'Never';
  }
}

function webhookDefaults(
  webhook: Pick<
    ValidatingWebhook,
    'failurePolicy' | 'matchPolicy' | 'namespaceSelector' | 'objectSelector' | 'timeoutSeconds' | 'clientConfig' | 'rules'
  >,
): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  rulesDefaults(webhook.rules);
}

const rulesDefaults = (rules: Pick<RuleWithOperations, 'scope'>[] | undefined): void => {
  for (const rule of rules ?? []) rule.scope ??= '*';
};

export function admissionPolicyDefaults({ spec }: ValidatingAdmissionPolicy): void {
  if (!spec) return;
  spec.failurePolicy ??= 'Fail';
  if (spec.matchConstraints) matchResourcesDefaults(spec.matchConstraints);
}

export function admissionPolicyBindingDefaults({ spec }: ValidatingAdmissionPolicyBinding): void {
  if (spec?.matchResources) matchResourcesDefaults(spec.matchResources);
}

function matchResourcesDefaults(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  rulesDefaults(match.resourceRules);
  rulesDefaults(match.excludeResourceRules);
}
