// The conditions under which an authorization webhook is asked: expressions over the review that it would be sent.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization
import { type CompiledExpression, type DeclaredType, ExpressionEnvironment, listOf, mapOf, ownObjectOf, scalar } from '@steersman/cel';

const many = 1_000_000;
const text = scalar('string');
const texts = listOf(text, many);
const named = (names: string): (readonly [string, DeclaredType])[] => names.split(' ').map((name) => [name, text] as const);

const requirement = ownObjectOf('kubernetes.FieldSelectorRequirement', [...named('key operator'), ['values', texts]]);

const specType = ownObjectOf('kubernetes.SubjectAccessReviewSpec', [
  [
    'resourceAttributes',
    ownObjectOf('kubernetes.ResourceAttributes', [
      ...named('namespace verb group version resource subresource name'),
      [
        'fieldSelector',
        ownObjectOf('kubernetes.FieldSelectorAttributes', [
          ['rawSelector', text],
          ['requirements', listOf(requirement, many)],
        ]),
      ],
    ]),
  ],
  ['nonResourceAttributes', ownObjectOf('kubernetes.NonResourceAttributes', named('path verb'))],
  ...named('user uid'),
  ['groups', texts],
  ['extra', mapOf(texts, many)],
]);

const environment = new ExpressionEnvironment({ request: specType });

/** Why an expression cannot be a condition; undefined where it can. */
export function conditionProblem(expression: string): string | undefined {
  const compilation = environment.compile(expression);
  if ('problem' in compilation) return `compilation failed: ${compilation.problem}`;
  return compilation.expression.type === 'bool' ? undefined : `must evaluate to bool but got ${compilation.expression.type}`;
}

export class ReviewConditions {
  private readonly compiled: readonly CompiledExpression[];

  constructor(expressions: readonly string[]) {
    this.compiled = expressions.map((expression) => {
      const compilation = environment.compile(expression);
      if ('problem' in compilation) throw new Error(compilation.problem);
      return compilation.expression;
    });
  }

  /** One that is false is enough to leave the webhook out; throws where none is, but one could not be told. */
  matches(spec: object): boolean {
    const outcomes = this.compiled.map((one) => one.evaluate({ request: environment.valueOf(spec, specType) }));
    if (outcomes.some((outcome) => 'value' in outcome && outcome.value !== true)) return false;
    const failed = outcomes.find((outcome) => 'problem' in outcome);
    if (failed && 'problem' in failed) throw new Error(failed.problem);
    return true;
  }
}
