// Quantities such as `100m` and `1Gi`: exact arithmetic in billionths, upstream's errors and canonical form.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** An exact amount; finer than a billionth is rounded away from zero, as upstream does. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** What a quantity may be given as; JSON numbers are quantities too. */
export type QuantityLike = string | number | Quantity;

export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

const one = 1_000_000_000n;
const decimalSuffixes = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const binarySuffixes = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
]);
const decimalSuffixOf = new Map([...decimalSuffixes].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixOf = new Map([...binarySuffixes].map(([suffix, exponent]) => [exponent, suffix]));
const largestExponent = 1000;
const maxInt64 = 2n ** 63n - 1n;
/** The most decimal digits that always fit an int64. */
const int64Digits = 18;

interface Suffix {
  readonly format: QuantityFormat;
  readonly exponent: number;
}

interface Parsed extends Quantity {
  /** Upstream keeps the text of a quantity that looks canonical enough. */
  readonly keepsText: boolean;
}

const shape = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function parse(text: string): Parsed {
  if (text === '0') return { nano: 0n, format: 'DecimalSI', keepsText: true };
  const match = text === '' ? null : shape.exec(text);
  if (!match) throw new QuantityError(wrongFormat);
  const [, sign, , whole = '', fraction = '', suffixText = ''] = match;
  const suffix = suffixOf(suffixText);
  const number = (whole || '0') + fraction;
  const scale = (suffix.format === 'BinarySI' ? 0 : suffix.exponent) - fraction.length;
  const unscaled = BigInt(number) * (suffix.format === 'BinarySI' ? 2n ** BigInt(suffix.exponent) : 1n);
  const magnitude = inNano(unscaled, scale);
  const limited = suffix.format === 'BinarySI' && magnitude > maxInt64 * one ? maxInt64 * one : magnitude;
  const format = suffix.format === 'BinarySI' && magnitude > 0n && magnitude < one ? 'DecimalSI' : suffix.format;
  return { nano: sign === '-' ? -limited : limited, format, keepsText: keepsText(number, unscaled, scale, fraction, suffix) };
}

const inNano = (unscaled: bigint, scale: number): bigint => {
  if (scale >= -9) return unscaled * 10n ** BigInt(scale + 9);
  return dividedUp(unscaled, 10n ** BigInt(-9 - scale));
};

const dividedUp = (value: bigint, divisor: bigint): bigint => {
  const quotient = value / divisor;
  return value % divisor === 0n ? quotient : quotient + (value > 0n ? 1n : -1n);
};

function suffixOf(text: string): Suffix {
  const decimal = decimalSuffixes.get(text);
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal };
  const binary = binarySuffixes.get(text);
  if (binary !== undefined) return { format: 'BinarySI', exponent: binary };
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(text)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > largestExponent) throw new QuantityError(wrongSuffix);
  return { format: 'DecimalExponent', exponent: Number(exponent) };
}

function keepsText(number: string, unscaled: bigint, scale: number, fraction: string, suffix: Suffix): boolean {
  if (unscaled > maxInt64) return false;
  if (suffix.format === 'BinarySI') {
    const room = 15 - number.length - Math.floor((suffix.exponent * 3) / 10) - 1;
    return fraction === '' && room >= 0 && (BigInt(number) & 7n) !== 0n;
  }
  return number.length <= int64Digits && scale >= -9 && scale % 3 === 0 && !number.endsWith('000') && number[0] !== '0';
}

/** Reads a quantity; throws QuantityError with upstream's message where it is none. */
export function parseQuantity(quantity: QuantityLike): Quantity {
  if (typeof quantity === 'object') return quantity;
  const { nano, format } = parse(String(quantity));
  return { nano, format };
}

/** The error message for something that is no quantity, else undefined. */
export function quantityError(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof QuantityError) return error.message;
    throw error;
  }
}

const canonicalForms = new Map<string, string>();
const mostForms = 10_000;

/** The form in which upstream writes a quantity it has read: `1000m` becomes `1`, `0.1` becomes `100m`. */
export function canonicalQuantity(quantity: QuantityLike): string {
  if (typeof quantity === 'object') return formatQuantity(quantity);
  const text = String(quantity);
  const known = canonicalForms.get(text);
  if (known !== undefined) return known;
  const parsed = parse(text);
  const form = parsed.keepsText ? text : formatQuantity(parsed);
  if (canonicalForms.size < mostForms) canonicalForms.set(text, form);
  return form;
}

/** Writes a quantity in canonical form: no fraction, the largest suffix that loses nothing. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const whole = nano % one === 0n;
  const size = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && whole && size >= 1024n * one) {
    let amount = nano / one;
    let exponent = 0;
    for (; amount % 1024n === 0n && exponent < 60; exponent += 10) amount /= 1024n;
    return `${amount}${binarySuffixOf.get(exponent) ?? ''}`;
  }
  let amount = nano;
  let exponent = -9;
  for (; amount % 1000n === 0n && (exponent < 18 || format === 'DecimalExponent'); exponent += 3) amount /= 1000n;
  if (format === 'DecimalExponent') return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
  return `${amount}${decimalSuffixOf.get(exponent) ?? ''}`;
}

/** Negative, zero or positive, as for `Array.sort`. */
export function compareQuantities(left: QuantityLike, right: QuantityLike): number {
  const difference = parseQuantity(left).nano - parseQuantity(right).nano;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, in the format of the first operand that is not zero. */
export function addQuantities(left: QuantityLike, right: QuantityLike): string {
  const [one, other] = [parseQuantity(left), parseQuantity(right)];
  return formatQuantity({ nano: one.nano + other.nano, format: one.nano === 0n ? other.format : one.format });
}

/** The difference, in the format of the first operand that is not zero. */
export function subtractQuantities(left: QuantityLike, right: QuantityLike): string {
  const [one, other] = [parseQuantity(left), parseQuantity(right)];
  return formatQuantity({ nano: one.nano - other.nano, format: one.nano === 0n ? other.format : one.format });
}

/** The amount in thousandths, rounded up: what CPU is counted in. */
export const cpuMillis = (quantity: QuantityLike): number => Number(dividedUp(parseQuantity(quantity).nano, 1_000_000n));

export const milliValueOf = cpuMillis;

/** The amount in whole units, rounded away from zero. */
export const wholeValue = (quantity: QuantityLike): number => Number(dividedUp(parseQuantity(quantity).nano, one));

/** The amount as a (possibly inexact) number. */
export const approximateValue = (quantity: QuantityLike): number => Number(parseQuantity(quantity).nano) / 1e9;
