// The expressions of policies and match conditions, compiled, with what is wrong with them.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import { type FieldError, field, type ValidatingAdmissionPolicySpec } from '@steersman/api';
import type { CompiledExpression } from '../compiled-expression.js';
import { type DeclaredType, listOf, mapOf, type ObjectType, objectOf, type ScalarName, scalar } from '../declared-type.js';
import { ExpressionEnvironment } from '../expression-environment.js';
import { type AdmissionEnvironments, admissionEnvironments } from './admission-environments.js';

/** An expression that may stand somewhere: compiled, or why not. */
export type Expression = { readonly text: string } & ({ readonly compiled: CompiledExpression } | { readonly problem: string });

export interface PolicyVariable {
  readonly name: string;
  readonly expression: Expression;
  /** Where it was compiled: there are the variables before it. */
  readonly scope: VariableScope;
}

/** The environment with the variables that a policy has declared so far. */
export interface VariableScope {
  readonly environment: ExpressionEnvironment;
  readonly type: ObjectType;
}

export interface PolicyValidation {
  readonly validation: NonNullable<ValidatingAdmissionPolicySpec['validations']>[number];
  readonly expression: Expression;
  readonly message: Expression | undefined;
}

export interface PolicyExpressions {
  readonly conditions: readonly Expression[];
  readonly variables: readonly PolicyVariable[];
  readonly validations: readonly PolicyValidation[];
  readonly annotations: readonly { readonly key: string; readonly expression: Expression }[];
  /** Where validations are compiled, and where messages and annotations are. */
  readonly validationScope: VariableScope;
  readonly messageScope: VariableScope;
}

/** Compiles an expression that has to be of one of these types; of any where none are given. */
export function compileExpression(environment: ExpressionEnvironment, text: string, types: readonly string[] = []): Expression {
  const compilation = environment.compile(text);
  if ('problem' in compilation) return { text, problem: `compilation failed: ${compilation.problem}` };
  const { expression } = compilation;
  const type = expression.type === 'null' ? 'null_type' : expression.type;
  if (types.length === 0 || types.includes(type)) return { text, compiled: expression };
  const wanted = types.length === 1 ? types[0] : `one of [${types.join(' ')}]`;
  return { text, problem: `must evaluate to ${wanted} but got ${type}` };
}

const scalars = new Set<string>(['bool', 'int', 'double', 'string', 'bytes', 'timestamp', 'duration'] satisfies ScalarName[]);
const many = 1_000_000;

/** The type that an expression's type is declared as; what cannot be declared is dynamic. */
function declaredAs(type: string): DeclaredType {
  if (scalars.has(type)) return scalar(type as ScalarName);
  const list = /^list\((.*)\)$/.exec(type)?.[1];
  if (list !== undefined) return listOf(declaredAs(list), many);
  const values = /^map\(string, (.*)\)$/.exec(type)?.[1];
  return values === undefined ? scalar('dyn') : mapOf(declaredAs(values), many);
}

function scopeOf(parent: ExpressionEnvironment, variables: ReadonlyMap<string, DeclaredType>): VariableScope {
  const type = objectOf('kubernetes.variables', variables);
  return { environment: new ExpressionEnvironment({ variables: type }, { parent }), type };
}

/** The conditions of a policy or a webhook. */
export const compileConditions = (
  conditions: readonly { readonly expression?: string }[] | undefined,
  { hasParams = false }: { hasParams?: boolean } = {},
): Expression[] =>
  (conditions ?? []).map(({ expression = '' }) => compileExpression(admissionEnvironments({ hasParams }).authorizing, expression, ['bool']));

/** `environments`: where the types of objects are known; without it they are dynamic. */
export function compilePolicy(spec: ValidatingAdmissionPolicySpec, environments?: AdmissionEnvironments): PolicyExpressions {
  const hasParams = spec.paramKind !== undefined;
  const { plain, authorizing } = environments ?? admissionEnvironments({ hasParams });
  const types = new Map<string, DeclaredType>();
  const variables = (spec.variables ?? []).map(({ name, expression: text }): PolicyVariable => {
    const scope = scopeOf(authorizing, types);
    const expression = compileExpression(scope.environment, text);
    types.set(name, 'compiled' in expression ? declaredAs(expression.compiled.type) : scalar('dyn'));
    return { name, expression, scope };
  });
  const validationScope = scopeOf(authorizing, types);
  const messageScope = scopeOf(plain, types);
  return {
    conditions: compileConditions(spec.matchConditions, { hasParams }),
    variables,
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compileExpression(validationScope.environment, validation.expression, ['bool']),
      message:
        validation.messageExpression === undefined
          ? undefined
          : compileExpression(messageScope.environment, validation.messageExpression, ['string']),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compileExpression(messageScope.environment, valueExpression, ['string', 'null_type']),
    })),
    validationScope,
    messageScope,
  };
}

/** What is wrong with an expression; of one that is empty others tell. */
const errorOf = (expression: Expression | undefined, path: string): FieldError[] =>
  expression && 'problem' in expression && expression.text.trim() ? [field.invalid(path, expression.text, expression.problem)] : [];

export function policyExpressionErrors(spec: ValidatingAdmissionPolicySpec): FieldError[] {
  const { conditions, variables, validations, annotations } = compilePolicy(spec);
  return [
    ...variables.flatMap(({ expression }, index) => errorOf(expression, `spec.variables[${index}].expression`)),
    ...conditionExpressionErrors(conditions, 'spec.matchConditions'),
    ...validations.flatMap(({ expression, message }, index) => [
      ...errorOf(expression, `spec.validations[${index}].expression`),
      ...errorOf(message, `spec.validations[${index}].messageExpression`),
    ]),
    ...annotations.flatMap(({ expression }, index) => errorOf(expression, `spec.auditAnnotations[${index}].valueExpression`)),
  ];
}

export const conditionExpressionErrors = (conditions: readonly Expression[], path: string): FieldError[] =>
  conditions.flatMap((expression, index) => errorOf(expression, `${path}[${index}].expression`));
