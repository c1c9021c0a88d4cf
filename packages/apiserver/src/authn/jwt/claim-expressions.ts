// The expressions of an issuer: over the claims of a token, and over the user they were made into.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { type CompiledExpression, dynamicValue, ExpressionEnvironment, listOf, mapOf, ownObjectOf, plainValue, scalar } from '@steersman/cel';
import { reviewedUser, type UserInfo } from '../user.js';

const many = 1_000_000;
const text = scalar('string');
const texts = listOf(text, many);

const userType = ownObjectOf('kubernetes.UserInfo', [
  ['username', text],
  ['uid', text],
  ['groups', texts],
  ['extra', mapOf(texts, many)],
]);

const claimsEnvironment = new ExpressionEnvironment({ claims: mapOf(scalar('dyn'), many) });
const userEnvironment = new ExpressionEnvironment({ user: userType });

export type ExpressionType = 'bool' | 'string' | 'texts';

const allowed: Readonly<Record<ExpressionType, readonly string[]>> = {
  bool: ['bool'],
  string: ['string', 'dyn'],
  texts: ['string', 'list(string)', 'dyn', 'list(dyn)', 'null', 'null_type'],
};

/** Why an expression cannot stand where it does; undefined where it can. */
export function expressionProblem(over: 'claims' | 'user', expression: string, type: ExpressionType): string | undefined {
  const compilation = (over === 'claims' ? claimsEnvironment : userEnvironment).compile(expression);
  if ('problem' in compilation) return `compilation failed: ${compilation.problem}`;
  const given = compilation.expression.type;
  return allowed[type].includes(given) ? undefined : `must evaluate to ${type === 'texts' ? 'string or list of strings' : type} but got ${given}`;
}

const compiled = new Map<string, CompiledExpression>();

function compile(environment: ExpressionEnvironment, kind: string, expression: string): CompiledExpression {
  const key = `${kind} ${expression}`;
  let known = compiled.get(key);
  if (!known) {
    const compilation = environment.compile(expression);
    if ('problem' in compilation) throw new Error(compilation.problem);
    known = compilation.expression;
    compiled.set(key, known);
  }
  return known;
}

function evaluated(expression: CompiledExpression, values: Record<string, unknown>): unknown {
  const outcome = expression.evaluate(values);
  if ('problem' in outcome) throw new Error(`expression '${expression.text}' resulted in error: ${outcome.problem}`);
  return plainValue(outcome.value);
}

export const overClaims = (expression: string, claims: object): unknown =>
  evaluated(compile(claimsEnvironment, 'claims', expression), { claims: dynamicValue(claims) });

export const overUser = (expression: string, user: UserInfo): unknown =>
  evaluated(compile(userEnvironment, 'user', expression), { user: userEnvironment.valueOf(reviewedUser(user), userType) });
