// An expression ready to run: its type, what it refers to, what it may cost, and what it did cost.
import type { AstNode, CheckedType } from './ast.js';
import { visit } from './ast.js';
import { CostEstimator } from './cost-estimate.js';
import { instrument, Meter } from './cost-meter.js';
import type { DeclaredType } from './declared-type.js';
import { CostExceeded, runProblem, typeText } from './expression-error.js';

/** The most that one evaluation may cost. */
export const callCostLimit = 1_000_000;

export type Outcome =
  | { readonly cost: number; readonly value: unknown }
  /** `exceeded`: the evaluation was cut off because of its cost. */
  | { readonly cost: number; readonly problem: string; readonly exceeded: boolean };

export interface CompiledExpression {
  readonly text: string;
  /** Its type, as upstream writes types. */
  readonly type: string;
  /** The names of variables in it. */
  readonly references: ReadonlySet<string>;
  /** The most that it may cost, given how large its variables may get. */
  estimate(): number;
  evaluate(variables: Readonly<Record<string, unknown>>): Outcome;
}

interface Parts {
  readonly text: string;
  readonly root: AstNode;
  readonly type: CheckedType;
  readonly variables: Readonly<Record<string, DeclaredType>>;
  run(variables: Record<string, unknown>): unknown;
}

export function compiledExpression({ text, root, type, variables, run }: Parts): CompiledExpression {
  const references = new Set<string>();
  visit(root, (node) => {
    if (node.op === 'id') references.add(node.args as string);
  });
  let meter: Meter | undefined;
  return {
    text,
    type: typeText(type),
    references,
    estimate: () => new CostEstimator(variables).estimate(root).max,
    evaluate(values) {
      if (!meter) {
        meter = new Meter(callCostLimit);
        instrument(root, meter);
      }
      meter.reset();
      try {
        const value = run({ ...values });
        if (meter.exceeded) throw new CostExceeded();
        return { cost: meter.cost, value };
      } catch (error) {
        const exceeded = meter.exceeded;
        return { cost: meter.cost, problem: exceeded ? new CostExceeded().message : runProblem(error), exceeded };
      }
    },
  };
}
