// What a library of functions is: it registers its types and functions with an environment.
import type { Environment } from '@marcbachmann/cel-js';

export type Library = (environment: Environment) => void;

/** Functions by signature. */
export function functions(environment: Environment, bySignature: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  for (const [signature, handler] of Object.entries(bySignature)) environment.registerFunction(signature, handler as (...args: unknown[]) => unknown);
}

/** Gives functions a name in front, such as `sets.contains`: methods of a constant. */
export function namespace(environment: Environment, name: string, typeName: string): void {
  const owner = { [typeName]: class {} }[typeName]!;
  environment.registerType(typeName, owner);
  environment.registerConstant(name, typeName, new owner());
}

export const int = (value: number): bigint => BigInt(value);
