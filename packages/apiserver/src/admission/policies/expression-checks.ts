// The checks of expressions in policies and webhook configurations, beside what the schema engine checks of these kinds.
import type { FieldError, ValidatingAdmissionPolicy, ValidatingWebhookConfiguration } from '@steersman/api';
import { compileConditions, conditionExpressionErrors, policyExpressionErrors } from '@steersman/cel';
import type { ApiObject } from '../../cache/cached-object.js';
import type { KindCodec } from '../../registry/resource-definition.js';

const alsoChecking =
  (errorsOf: (object: ApiObject) => FieldError[]) =>
  (codec: KindCodec): KindCodec => ({
    ...codec,
    validateCreate: (object) => [...codec.validateCreate(object), ...errorsOf(object)],
    validateUpdate: (object, old, warnings) => [...codec.validateUpdate(object, old, warnings), ...errorsOf(object)],
  });

export const policyChecks = alsoChecking((object) => {
  const { spec } = object as unknown as ValidatingAdmissionPolicy;
  return spec ? policyExpressionErrors(spec) : [];
});

export const webhookChecks = alsoChecking((object) =>
  ((object as unknown as ValidatingWebhookConfiguration).webhooks ?? []).flatMap(({ matchConditions }, index) =>
    conditionExpressionErrors(compileConditions(matchConditions), `webhooks[${index}].matchConditions`),
  ),
);
