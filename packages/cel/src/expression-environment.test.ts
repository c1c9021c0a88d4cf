import { describe, expect, it } from 'vitest';
import { listOf, mapOf, objectOf, optionalOf, scalar } from './declared-type.js';
import { ExpressionEnvironment } from './expression-environment.js';

const text = scalar('string', { maxElements: 80 });
const self = objectOf('Self', [
  ['name', text],
  ['count', scalar('int')],
  ['tags', listOf(text, 5)],
  ['labels', mapOf(text, 4)],
  ['port', scalar('dyn')],
  ['a-b', text],
]);
const environment = new ExpressionEnvironment({ self, oldSelf: optionalOf(self) });
const value = { name: 'abc', count: 3, tags: ['x', 'y'], labels: { a: 'b' }, port: 80, 'a-b': 'dash' };

const problemOf = (expression: string): string | undefined => {
  const compiled = environment.compile(expression);
  return 'problem' in compiled ? compiled.problem : undefined;
};

function compiled(expression: string) {
  const result = environment.compile(expression);
  if ('problem' in result) throw new Error(result.problem);
  return result.expression;
}

const outcome = (expression: string, old?: unknown) =>
  compiled(expression).evaluate({ self: environment.valueOf(value, self), oldSelf: environment.valueOf(old, optionalOf(self)) });

function resultOf(expression: string, old?: unknown): unknown {
  const result = outcome(expression, old);
  return 'problem' in result ? `error: ${result.problem}` : result.value;
}

describe('compiling expressions', () => {
  it.each([
    ['self.missing == "x"', "1:5: undefined field 'missing'"],
    ['self.name > 3', "1:11: found no matching overload for '_>_' applied to '(string, int)'"],
    ['self.tags.all(x, y > 1)', "1:18: undeclared reference to 'y' (in container '')"],
    ['self.count.foo', "1:11: type 'int' does not support field selection"],
  ])('says where and why not: %s', (expression, problem) => {
    expect(problemOf(expression)?.split('\n')[0]).toBe(`ERROR: <input>:${problem}`);
  });

  it('points at the place', () => {
    expect(problemOf('true && self.missing')).toBe("ERROR: <input>:1:13: undefined field 'missing'\n | true && self.missing\n | ............^");
  });

  it('knows the type of what an expression gives, and which variables it reads', () => {
    expect(compiled('self.tags.map(x, x + "a")').type).toBe('list(string)');
    expect([...compiled('self.name == "a"').references]).toEqual(['self']);
  });
});

describe('evaluating expressions', () => {
  it.each([
    'self.a__dash__b == "dash"',
    'type(self.port) == int',
    'has(self.name) && self.?name.orValue("") == "abc"',
    'self.labels.all(k, self.labels[k] == "b") && self.labels.exists(k, v, k == "a" && v == "b")',
    'cel.bind(x, self.name, x + x) == "abcabc"',
    'self.tags.transformList(i, v, v + string(i)) == ["x0", "y1"]',
    'self.name.matches("^[[:alpha:]]+$") && self.name.find("b.") == "bc"',
    '"%s-%d".format([self.name, self.count]) == "abc-3"',
    'self.tags.join(",") == "x,y" && self.tags.isSorted() && [1, 2].sum() == 3',
    'quantity("1500m").isLessThan(quantity("2")) && !isQuantity("many")',
    'isURL("https://a.example/b") && url("https://a.example/b").getHost() == "a.example"',
    'cidr("10.0.0.0/8").containsIP("10.1.1.1") && ip("::1").family() == 6',
    '!format.dns1123Label().validate("a-b").hasValue() && format.dns1123Label().validate("A_b").hasValue()',
    'isSemver("1.2.3") && semver("1.2.3").isLessThan(semver("1.10.0"))',
    'sets.contains([1, 2], [1])',
    'duration("1h") > duration("1m") && timestamp("2020-01-01T00:00:00Z").getFullYear() == 2020',
  ])('holds: %s', (expression) => {
    expect(resultOf(expression)).toBe(true);
  });

  it('gives what is absent as an empty optional', () => {
    const expression = 'oldSelf.hasValue() ? oldSelf.value().name : "none"';
    expect([resultOf(expression), resultOf(expression, { name: 'before' })]).toEqual(['none', 'before']);
  });

  it.each([
    ['self.tags[9]', 'error: index out of bounds: 9'],
    ['1 / 0', 'error: division by zero'],
    ['int(self.name)', "error: type conversion error from 'string' to 'int'"],
  ])('fails as Kubernetes does: %s', (expression, problem) => {
    expect(resultOf(expression)).toBe(problem);
  });
});

describe('costs', () => {
  it('are estimated of the greatest size that a value may have', () => {
    const unbounded = new ExpressionEnvironment({ self: listOf(text, 100_000) });
    const expression = unbounded.compile('self.all(x, self.all(y, x != y))');
    const bounded = compiled('self.tags.all(x, self.tags.all(y, x != y))').estimate();
    expect('expression' in expression && expression.expression.estimate()).toBeGreaterThan(1e9);
    expect(bounded).toBeLessThan(1000);
  });

  it('are counted while evaluating', () => {
    expect(outcome('self.name == "abc"').cost).toBeGreaterThan(0);
    expect(outcome('self.tags.all(x, x != "")').cost).toBeGreaterThan(outcome('self.tags.size() > 0').cost);
  });
});
