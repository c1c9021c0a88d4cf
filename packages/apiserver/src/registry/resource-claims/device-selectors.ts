// The CEL expressions by which claims, classes and taint rules choose devices: they have to compile, be boolean and cheap enough.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import { type DeviceSelector, type FieldError, field } from '@steersman/api';
import { ExpressionEnvironment, mapOf, objectOf, scalar } from '@steersman/cel';

/** What the attributes and capacities of all drivers together may be. */
const maxEntries = 32;
const byDomain = mapOf(mapOf(scalar('dyn'), maxEntries), maxEntries);
const device = objectOf('kubernetes.DRADevice', [
  ['driver', scalar('string', { maxElements: 63 })],
  ['attributes', byDomain],
  ['capacity', byDomain],
  ['allowMultipleAllocations', scalar('bool')],
]);

/** The most that one evaluation of a selector may cost, by its estimate. */
const costLimit = 1_000_000;

let environment: ExpressionEnvironment | undefined;

/** The problems of selectors at `path`; those that were stored before are not looked at again. */
export const selectorErrors = (selectors: readonly DeviceSelector[] | undefined, path: string, stored: ReadonlySet<string>): FieldError[] =>
  (selectors ?? []).flatMap(({ cel }, index) => {
    const text = cel?.expression;
    return !text || stored.has(text) ? [] : expressionErrors(text, `${path}[${index}].cel.expression`);
  });

function expressionErrors(text: string, path: string): FieldError[] {
  environment ??= new ExpressionEnvironment({ device });
  const compilation = environment.compile(text);
  if ('problem' in compilation) return [field.invalid(path, text, `compilation failed: ${compilation.problem}`)];
  const { expression } = compilation;
  if (expression.type !== 'bool' && expression.type !== 'dyn')
    return [field.invalid(path, text, `must evaluate to bool or the unknown type, not ${expression.type}`)];
  return expression.estimate() > costLimit ? [field.forbiddenField(path, 'too complex, exceeds cost limit')] : [];
}
