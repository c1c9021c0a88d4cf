// Functions of lists, and lists as sets.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library
import type { Environment } from '@marcbachmann/cel-js';
import { FunctionError } from '../expression-error.js';
import { sameValue } from '../values.js';
import { functions, int, type Library, namespace } from './library.js';

type Comparable = string | number | bigint | boolean | Date;

const ordered = ['int', 'double', 'string', 'bool', 'google.protobuf.Timestamp', 'google.protobuf.Duration'];
const summable = ['int', 'double'];

function extreme(name: string, before: (a: Comparable, b: Comparable) => boolean) {
  return (list: readonly Comparable[]): Comparable => {
    const [first, ...rest] = list;
    if (first === undefined) throw new FunctionError(`${name} called on empty list`);
    return rest.reduce((best, one) => (before(one, best) ? one : best), first);
  };
}

const isSorted = (list: readonly Comparable[]): boolean => list.every((item, index) => index === 0 || list[index - 1]! <= item);

function registerOrdered(environment: Environment): void {
  for (const type of ordered)
    functions(environment, {
      [`list<${type}>.isSorted(): bool`]: isSorted,
      [`list<${type}>.min(): ${type}`]: extreme('min', (a, b) => a < b),
      [`list<${type}>.max(): ${type}`]: extreme('max', (a, b) => a > b),
    });
  for (const type of summable)
    functions(environment, {
      [`list<${type}>.sum(): ${type}`]: (list: readonly (bigint & number)[]) =>
        list.reduce<bigint | number>((sum, one) => (sum as number) + one, type === 'int' ? 0n : 0),
    });
}

function distinct(list: readonly unknown[]): unknown[] {
  return list.filter((item, index) => list.findIndex((other) => sameValue(item, other)) === index);
}

function flatten(list: readonly unknown[], depth: bigint): unknown[] {
  if (depth < 0n) throw new FunctionError('level must be non-negative');
  return list.flat(Number(depth) as 1);
}

function slice(list: readonly unknown[], start: bigint, end: bigint): unknown[] {
  if (start < 0n || end < 0n) throw new FunctionError(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end) throw new FunctionError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > BigInt(list.length)) throw new FunctionError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

function range(count: bigint): bigint[] {
  if (count < 0n) throw new FunctionError('lists.range: size must be non-negative');
  if (count > 100_000n) throw new FunctionError('lists.range: too large');
  return Array.from({ length: Number(count) }, (_, index) => int(index));
}

const containsAll = (list: readonly unknown[], wanted: readonly unknown[]): boolean =>
  wanted.every((one) => list.some((other) => sameValue(one, other)));

export const listLibrary: Library = (environment) => {
  registerOrdered(environment);
  namespace(environment, 'sets', 'SetsNamespace');
  namespace(environment, 'lists', 'ListsNamespace');
  functions(environment, {
    'list<T>.indexOf(T): int': (list: readonly unknown[], wanted: unknown) => int(list.findIndex((one) => sameValue(one, wanted))),
    'list<T>.lastIndexOf(T): int': (list: readonly unknown[], wanted: unknown) => int(list.findLastIndex((one) => sameValue(one, wanted))),
    'list<T>.distinct(): list<T>': distinct,
    'list<T>.flatten(): list<dyn>': (list: readonly unknown[]) => flatten(list, 1n),
    'list<T>.flatten(int): list<dyn>': flatten,
    'list<T>.reverse(): list<T>': (list: readonly unknown[]) => [...list].reverse(),
    'list<T>.slice(int, int): list<T>': slice,
    'list<T>.sort(): list<T>': (list: readonly Comparable[]) => [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    'ListsNamespace.range(int): list<int>': (_: unknown, count: bigint) => range(count),
    'SetsNamespace.contains(list<T>, list<T>): bool': (_: unknown, list: readonly unknown[], wanted: readonly unknown[]) => containsAll(list, wanted),
    'SetsNamespace.equivalent(list<T>, list<T>): bool': (_: unknown, a: readonly unknown[], b: readonly unknown[]) =>
      containsAll(a, b) && containsAll(b, a),
    'SetsNamespace.intersects(list<T>, list<T>): bool': (_: unknown, a: readonly unknown[], b: readonly unknown[]) =>
      a.some((one) => b.some((other) => sameValue(one, other))),
  });
};
