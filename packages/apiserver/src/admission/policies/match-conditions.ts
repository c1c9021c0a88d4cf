// Match conditions: whether a policy or a webhook wants to see a request at all.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
import type { Expression } from '@steersman/cel';

export type ConditionOutcome = { readonly matches: boolean } | { readonly problem: string };

/** What all conditions may cost together. */
const budget = 2_500_000;

/** One condition that is false decides; else one that fails is a problem. */
export function evaluateConditions(conditions: readonly Expression[], values: Readonly<Record<string, unknown>>): ConditionOutcome {
  const problems: string[] = [];
  let left = budget;
  for (const expression of conditions) {
    if ('problem' in expression) {
      problems.push(`compilation error: ${expression.problem}`);
      continue;
    }
    const outcome = expression.compiled.evaluate(values);
    left -= outcome.cost;
    if (left < 0) return { problem: 'validation failed due to running out of cost budget, no further validation rules will be run' };
    if ('problem' in outcome) problems.push(`expression '${expression.text}' resulted in error: ${outcome.problem}`);
    else if (outcome.value === false) return { matches: false };
  }
  if (problems.length === 0) return { matches: true };
  return { problem: problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]` };
}
