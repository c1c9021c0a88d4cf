// The rules of one schema node, compiled: what they may cost, and what keeps one from being compiled.
import { type CompiledExpression, type DeclaredType, ExpressionEnvironment, optionalOf } from '@steersman/cel';
import { rulesOf, type SchemaNode } from '../schema/schema-node.js';
import { schemaAtPath } from '../schema/schema-path.js';

export type Rule = ReturnType<typeof rulesOf>[number];

export interface CompiledRule {
  readonly rule: Rule;
  /** The environment, for bringing values into its types. */
  readonly environment: ExpressionEnvironment;
  /** Absent where the rule is empty or does not compile. */
  readonly expression?: CompiledExpression;
  readonly problem?: string;
  readonly message?: CompiledExpression;
  readonly messageProblem?: string;
  readonly usesOldSelf: boolean;
  /** Where the rule's field path leads, from the node. */
  readonly fieldPath: string;
}

/** Compiles the rules of a node whose values are of a type. */
export function compileRules(node: SchemaNode, type: DeclaredType): CompiledRule[] {
  const rules = rulesOf(node);
  if (rules.length === 0) return [];
  const plain = new ExpressionEnvironment({ self: type, oldSelf: type });
  const optional = new ExpressionEnvironment({ self: type, oldSelf: optionalOf(type) });
  return rules.map((rule) => {
    const environment = rule.optionalOldSelf ? optional : plain;
    return { rule, environment, fieldPath: fieldPathOf(rule, node), ...compileRule(rule, environment) };
  });
}

function fieldPathOf({ fieldPath }: Rule, node: SchemaNode): string {
  if (!fieldPath) return '';
  const found = schemaAtPath(fieldPath, node);
  return 'problem' in found ? '' : found.path;
}

function compileRule(
  { rule, messageExpression }: Rule,
  environment: ExpressionEnvironment,
): Pick<CompiledRule, 'expression' | 'problem' | 'message' | 'messageProblem' | 'usesOldSelf'> {
  if (!rule.trim()) return { usesOldSelf: false };
  const compiled = environment.compile(rule);
  if ('problem' in compiled) return { problem: `compilation failed: ${compiled.problem}`, usesOldSelf: false };
  const { expression } = compiled;
  if (expression.type !== 'bool') return { problem: 'cel expression must evaluate to a bool', usesOldSelf: false };
  const usesOldSelf = expression.references.has('oldSelf');
  if (!messageExpression) return { expression, usesOldSelf };
  const message = environment.compile(messageExpression);
  if ('problem' in message) return { expression, usesOldSelf, messageProblem: `messageExpression compilation failed: ${message.problem}` };
  if (message.expression.type !== 'string') return { expression, usesOldSelf, messageProblem: 'messageExpression must evaluate to a string' };
  return { expression, usesOldSelf, message: message.expression };
}
