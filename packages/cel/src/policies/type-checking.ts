// What the expressions of a policy get wrong about the kinds that it is for: told in its status, as the objects come only later.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
import type { ValidatingAdmissionPolicySpec } from '@steersman/api';
import type { DeclaredType } from '../declared-type.js';
import { typedEnvironments } from './admission-environments.js';
import { compilePolicy, type Expression } from './policy-expressions.js';

/** A kind that a policy is for. */
export interface CheckedKind {
  /** `apps/v1, Kind=Deployment` */
  readonly title: string;
  readonly type: DeclaredType;
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** `params`: the type of the policy's parameters, where it has any. */
export function policyTypeWarnings(
  spec: ValidatingAdmissionPolicySpec,
  kinds: readonly CheckedKind[],
  params: DeclaredType | undefined,
): ExpressionWarning[] {
  const warnings = new Map<string, string>();
  for (const { title, type: object } of kinds) {
    const note = (fieldRef: string, expression: Expression | undefined): void => {
      if (!expression || !('problem' in expression)) return;
      const problem = expression.problem.replace(/^compilation failed: /, '');
      warnings.set(fieldRef, `${warnings.get(fieldRef) ?? ''}${title}: ${problem}\n`);
    };
    const { validations } = compilePolicy(spec, typedEnvironments({ object, params }));
    for (const [index, { expression, message }] of validations.entries()) {
      note(`spec.validations[${index}].expression`, expression);
      note(`spec.validations[${index}].messageExpression`, message);
    }
  }
  return [...warnings].map(([fieldRef, warning]) => ({ fieldRef, warning }));
}
