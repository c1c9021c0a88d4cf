// What an ended container has to say for itself: its termination message file, or the end of its log.
// Mirrors https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
import { open } from 'node:fs/promises';
import type { LogLine } from '../container-runtime.js';
import { terminationLogAnnotation, terminationMessagePolicyAnnotation } from '../labels.js';

const mostFileBytes = 4096;
const mostLogBytes = 2048;
const mostLogLines = 80;

async function beginningOf(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostFileBytes), 0, mostFileBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

export interface Ended {
  readonly annotations: Readonly<Record<string, string>>;
  readonly exitCode: number;
  tail(lines: number): AsyncIterable<LogLine>;
}

export async function lastWords({ annotations, exitCode, tail }: Ended): Promise<string> {
  const file = annotations[terminationLogAnnotation];
  const words = file ? await beginningOf(file) : '';
  if (words !== '' || exitCode === 0 || annotations[terminationMessagePolicyAnnotation] !== 'FallbackToLogsOnError') return words;
  const parts: Uint8Array[] = [];
  for await (const { text } of tail(mostLogLines)) parts.push(text);
  const log = Buffer.concat(parts);
  return log.subarray(Math.max(0, log.length - mostLogBytes)).toString();
}
