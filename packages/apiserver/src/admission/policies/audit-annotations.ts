// What policies have to say to the audit log: their own annotations, and failed validations that only are to be recorded.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#audit-annotations
import type { ValidatingAdmissionPolicyBinding } from '@steersman/api';
import type { AuditRecord } from '../../audit/audit-record.js';
import type { Denial } from './policy-evaluation.js';

/** The annotations of one policy: what several bindings say of a key is told together. */
export class AuditAnnotations {
  private readonly values = new Map<string, Set<string>>();

  add(key: string, value: string): void {
    const known = this.values.get(key);
    if (known) known.add(value);
    else this.values.set(key, new Set([value]));
  }

  publish(policy: string, audit: AuditRecord | undefined): void {
    for (const [key, values] of this.values) audit?.annotate(`${policy}/${key}`, [...values].join(', '));
  }
}

export function annotateFailure(audit: AuditRecord | undefined, { metadata, spec }: ValidatingAdmissionPolicyBinding, denial: Denial): void {
  const failure = {
    message: denial.message,
    policy: spec?.policyName,
    binding: metadata.name,
    expressionIndex: denial.index,
    validationActions: spec?.validationActions,
  };
  audit?.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]));
}
