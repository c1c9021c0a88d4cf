// Errors of the Docker Engine: which kind, and their words without dockerode's wrapping.
import { RuntimeError } from '../container-runtime.js';

interface EngineError {
  readonly statusCode?: number;
  readonly reason?: string;
  readonly json?: { readonly message?: string };
  readonly message?: string;
}

const statusOf = (error: unknown): number | undefined => (error as EngineError | undefined)?.statusCode;

export const isMissing = (error: unknown): boolean => statusOf(error) === 404;
export const isConflicting = (error: unknown): boolean => statusOf(error) === 409;
export const isUnchanged = (error: unknown): boolean => statusOf(error) === 304;

/** The engine's own message. */
export function engineMessage(error: unknown): string {
  const { json, message } = (error ?? {}) as EngineError;
  return json?.message ?? message?.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim() ?? String(error);
}

export const runtimeError = (error: unknown): RuntimeError => new RuntimeError(engineMessage(error), { cause: error });
