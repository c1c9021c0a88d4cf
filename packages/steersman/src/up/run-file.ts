// Who runs the cluster of a data directory: DATA_DIR/run.json, written by `up`, read by `down`, `reset` and `status`.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunInfo {
  readonly pid: number;
  /** When the process began, in clock ticks since boot, so that a reused pid is not taken for it. */
  readonly startTicks: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly runtime: string;
}

const file = (dataDir: string): string => join(dataDir, 'run.json');

/** Field 22 of /proc/PID/stat; empty where there is no such process, or no /proc. */
export function startTicksOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

export const writeRunFile = (dataDir: string, info: Omit<RunInfo, 'pid' | 'startTicks'>): void =>
  writeFileSync(file(dataDir), JSON.stringify({ pid: process.pid, startTicks: startTicksOf(process.pid), ...info }));

export const removeRunFile = (dataDir: string): void => rmSync(file(dataDir), { force: true });

/** The running cluster of a data directory; undefined where none runs. */
export function runningCluster(dataDir: string): RunInfo | undefined {
  if (!existsSync(file(dataDir))) return undefined;
  try {
    const info = JSON.parse(readFileSync(file(dataDir), 'utf8')) as RunInfo;
    process.kill(info.pid, 0);
    return startTicksOf(info.pid) === info.startTicks ? info : undefined;
  } catch {
    return undefined;
  }
}
