// semver(), isSemver() and the comparison of semantic versions.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library
import { FunctionError } from '../expression-error.js';
import { functions, int, type Library } from './library.js';

export class Semver {
  constructor(
    readonly numbers: readonly [bigint, bigint, bigint],
    readonly pre: readonly string[],
  ) {}

  compare(other: Semver): number {
    for (const [index, number] of this.numbers.entries()) if (number !== other.numbers[index]) return number > other.numbers[index]! ? 1 : -1;
    return comparePre(this.pre, other.pre);
  }

  equals(other: unknown): boolean {
    return other instanceof Semver && this.compare(other) === 0;
  }
}

/** A version before its release is lower; numbers are lower than words; more parts are higher. */
function comparePre(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return Math.sign(right.length - left.length);
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const [numeric, otherNumeric] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (numeric && otherNumeric) return BigInt(part) > BigInt(other) ? 1 : -1;
    if (numeric !== otherNumeric) return numeric ? -1 : 1;
    return part > other ? 1 : -1;
  }
  return left.length < right.length ? -1 : 0;
}

function parse(text: string): Semver {
  if (text === '') throw new FunctionError('Version string empty');
  const parts = text.split('.');
  if (parts.length < 3) throw new FunctionError('No Major.Minor.Patch elements found');
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(text);
  if (!match) throw new FunctionError(`Invalid character(s) found in version ${JSON.stringify(text)}`);
  const numbers = match.slice(1, 4) as [string, string, string];
  const padded = numbers.findIndex((number) => number.length > 1 && number.startsWith('0'));
  if (padded >= 0)
    throw new FunctionError(`${['Major', 'Minor', 'Patch'][padded]} number must not contain leading zeroes ${JSON.stringify(numbers[padded])}`);
  const pre = match[4]?.split('.') ?? [];
  if ([...pre, ...(match[5]?.split('.') ?? [])].includes('')) throw new FunctionError('Prerelease is empty');
  const zeros = pre.find((part) => /^0\d+$/.test(part));
  if (zeros) throw new FunctionError(`Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(zeros)}`);
  return new Semver(numbers.map(BigInt) as [bigint, bigint, bigint], pre);
}

/** Completes versions such as `v1.02`. */
function normalized(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const [major = '', minor, ...rest] = parts;
  const all = [major, ...(minor === undefined ? [] : [minor]), ...(rest.length ? [rest.join('.')] : [])].map((part) =>
    part.length > 1 ? part.replace(/^0+/, '').replace(/^(?!\d)/, '0') : part,
  );
  if (all.length < 3 && /[+-]/.test(all.at(-1)!)) throw new FunctionError('short version cannot contain PreRelease/Build meta data');
  while (all.length < 3) all.push('0');
  return all.join('.');
}

const semver = (text: string, normalize = false): Semver => parse(normalize ? normalized(text) : text);

function isSemver(text: string, normalize = false): boolean {
  try {
    semver(text, normalize);
    return true;
  } catch (error) {
    if (error instanceof FunctionError) return false;
    throw error;
  }
}

export const semverLibrary: Library = (environment) => {
  const name = 'kubernetes.Semver';
  environment.registerType(name, Semver);
  environment.registerOperator(`${name} == ${name}`, (a: Semver, b: Semver) => a.equals(b));
  functions(environment, {
    [`semver(string): ${name}`]: semver,
    [`semver(string, bool): ${name}`]: semver,
    'isSemver(string): bool': isSemver,
    'isSemver(string, bool): bool': isSemver,
    [`${name}.isGreaterThan(${name}): bool`]: (a: Semver, b: Semver) => a.compare(b) > 0,
    [`${name}.isLessThan(${name}): bool`]: (a: Semver, b: Semver) => a.compare(b) < 0,
    [`${name}.compareTo(${name}): int`]: (a: Semver, b: Semver) => int(a.compare(b)),
    [`${name}.major(): int`]: ({ numbers }: Semver) => numbers[0],
    [`${name}.minor(): int`]: ({ numbers }: Semver) => numbers[1],
    [`${name}.patch(): int`]: ({ numbers }: Semver) => numbers[2],
  });
};
