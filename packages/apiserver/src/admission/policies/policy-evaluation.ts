// Runs a policy's expressions on a request: what it decides, and what it has to say.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { ValidatingAdmissionPolicySpec } from '@steersman/api';
import type { Expression, PolicyExpressions, PolicyValidation, PolicyVariable, VariableScope } from '@steersman/cel';
import { FunctionError } from '@steersman/cel';
import { type ConditionOutcome, evaluateConditions } from './match-conditions.js';

export interface Denial {
  /** The place of the validation in the policy. */
  readonly index: number;
  readonly message: string;
  readonly reason?: string;
}

export interface PolicyOutcome {
  readonly denials: readonly Denial[];
  /** Audit annotations that could not be made: the request is denied whatever the binding says. */
  readonly failures: readonly string[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
}

/** What all validations of a policy may cost together. */
const policyBudget = 10_000_000;
const maxMessageBytes = 5 * 1024;
const spent = 'validation failed due to running out of cost budget, no further validation rules will be run';

const nothing: PolicyOutcome = { denials: [], failures: [], annotations: [] };

class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
}

type Values = Readonly<Record<string, unknown>>;
type Result = { readonly value: unknown } | { readonly problem: string };

export function evaluatePolicy(spec: ValidatingAdmissionPolicySpec, expressions: PolicyExpressions, values: Values): PolicyOutcome {
  const lenient = spec.failurePolicy === 'Ignore';
  const conditions: ConditionOutcome = evaluateConditions(expressions.conditions, values);
  if ('problem' in conditions) return lenient ? nothing : { ...nothing, denials: [{ index: 0, message: conditions.problem }] };
  if (!conditions.matches) return nothing;
  const run = new PolicyRun(expressions.variables, values);
  try {
    return {
      denials: validationDenials(expressions, { run, lenient }),
      ...annotationsOf(expressions, { run, lenient }),
    };
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return lenient ? nothing : { ...nothing, denials: [{ index: 0, message: spent }] };
  }
}

interface Running {
  readonly run: PolicyRun;
  readonly lenient: boolean;
}

function validationDenials({ validations, validationScope, messageScope }: PolicyExpressions, { run, lenient }: Running): Denial[] {
  return validations.flatMap((one, index): Denial[] => {
    const result = run.evaluate(one.expression, validationScope);
    if ('problem' in result) return lenient ? [] : [{ index, message: result.problem }];
    if (result.value === true) return [];
    return [{ index, reason: one.validation.reason ?? 'Invalid', message: messageOf(one, messageScope, run) }];
  });
}

function messageOf({ validation, message }: PolicyValidation, scope: VariableScope, run: PolicyRun): string {
  const made = message && run.evaluate(message, scope);
  const text = made && 'value' in made && typeof made.value === 'string' ? made.value.trim() : '';
  if (text && Buffer.byteLength(text) <= maxMessageBytes && !text.includes('\n')) return text;
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
}

function annotationsOf({ annotations, messageScope }: PolicyExpressions, { run, lenient }: Running): Pick<PolicyOutcome, 'failures' | 'annotations'> {
  const failures: string[] = [];
  const made: { key: string; value: string }[] = [];
  for (const { key, expression } of annotations) {
    const result = run.evaluate(expression, messageScope);
    if ('problem' in result) {
      if (!lenient) failures.push(result.problem);
    } else if (typeof result.value === 'string' && result.value.trim()) made.push({ key, value: result.value.trim() });
  }
  return { failures, annotations: made };
}

/** One evaluation of a policy: its variables are evaluated once, when they are first read. */
class PolicyRun {
  private budget = policyBudget;
  private readonly results = new Map<string, Result>();
  private readonly variables: ReadonlyMap<string, PolicyVariable>;

  constructor(
    variables: readonly PolicyVariable[],
    private readonly values: Values,
  ) {
    this.variables = new Map(variables.map((variable) => [variable.name, variable]));
  }

  evaluate(expression: Expression, { environment, type }: VariableScope): Result {
    if ('problem' in expression) return { problem: `compilation error: ${expression.problem}` };
    const { compiled } = expression;
    const known = Object.keys(environment.variables).filter((name) => Object.hasOwn(this.values, name));
    const values = Object.fromEntries(known.map((name) => [name, this.values[name]]));
    const variables = environment.lazyObject(type, (name) => this.variable(name));
    const outcome = compiled.evaluate({ ...values, variables });
    this.budget -= outcome.cost;
    if (this.budget < 0) throw new BudgetSpent();
    return 'problem' in outcome ? { problem: `expression '${expression.text}' resulted in error: ${outcome.problem}` } : outcome;
  }

  private variable(name: string): unknown {
    const variable = this.variables.get(name);
    if (!variable) return undefined;
    let result = this.results.get(name);
    if (!result) {
      result = this.evaluate(variable.expression, variable.scope);
      this.results.set(name, result);
    }
    if ('problem' in result) throw new FunctionError(`composited variable "${name}" fails to evaluate: ${result.problem}`);
    return result.value;
  }
}
