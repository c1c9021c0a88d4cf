// quantity(), isQuantity() and what quantities can do.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library
import { type Quantity as Amount, compareQuantities, parseQuantity, quantityError } from '@steersman/api';
import { FunctionError } from '../expression-error.js';
import { functions, int, type Library } from './library.js';

const one = 1_000_000_000n;

export class Quantity {
  constructor(readonly amount: Amount) {}

  equals(other: unknown): boolean {
    return other instanceof Quantity && other.amount.nano === this.amount.nano;
  }
}

const name = 'kubernetes.Quantity';

function quantity(text: string): Quantity {
  const problem = quantityError(text);
  if (problem !== undefined) throw new FunctionError(problem);
  return new Quantity(parseQuantity(text));
}

const sum = ({ amount }: Quantity, nano: bigint): Quantity => new Quantity({ nano: amount.nano + nano, format: amount.format });

function asInteger({ amount: { nano } }: Quantity): bigint {
  if (nano % one !== 0n) throw new FunctionError('cannot convert value to integer');
  return nano / one;
}

export const quantityLibrary: Library = (environment) => {
  environment.registerType(name, Quantity);
  environment.registerOperator(`${name} == ${name}`, (a: Quantity, b: Quantity) => a.equals(b));
  functions(environment, {
    [`quantity(string): ${name}`]: quantity,
    'isQuantity(string): bool': (text: string) => quantityError(text) === undefined,
    [`sign(${name}): int`]: ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n),
    [`${name}.sign(): int`]: ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n),
    [`${name}.isGreaterThan(${name}): bool`]: (a: Quantity, b: Quantity) => a.amount.nano > b.amount.nano,
    [`${name}.isLessThan(${name}): bool`]: (a: Quantity, b: Quantity) => a.amount.nano < b.amount.nano,
    [`${name}.compareTo(${name}): int`]: (a: Quantity, b: Quantity) => int(compareQuantities(a.amount, b.amount)),
    [`${name}.asApproximateFloat(): double`]: ({ amount }: Quantity) => Number(amount.nano) / 1e9,
    [`${name}.asInteger(): int`]: asInteger,
    [`${name}.isInteger(): bool`]: ({ amount }: Quantity) => amount.nano % one === 0n,
    [`${name}.add(${name}): ${name}`]: (a: Quantity, b: Quantity) => sum(a, b.amount.nano),
    [`${name}.add(int): ${name}`]: (a: Quantity, b: bigint) => sum(a, b * one),
    [`${name}.sub(${name}): ${name}`]: (a: Quantity, b: Quantity) => sum(a, -b.amount.nano),
    [`${name}.sub(int): ${name}`]: (a: Quantity, b: bigint) => sum(a, -b * one),
  });
};
