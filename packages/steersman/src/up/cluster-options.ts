// What a cluster is started with: the flags of `steersman up`, checked.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '@steersman/component-base';
import type { FlagValues } from '../security/flag-values.js';

export const runtimes = ['docker', 'hollow', 'none'] as const;
export const stores = ['embedded', 'memory', 'etcd'] as const;
export const components = ['api', 'controllers', 'scheduler', 'kubelet', 'overlay', 'proxy', 'dns'] as const;

export type RuntimeKind = (typeof runtimes)[number];
export type StoreKind = (typeof stores)[number];
export type ComponentName = (typeof components)[number];

export interface ClusterOptions {
  readonly dataDir: string;
  readonly httpsPort: number;
  /** Undefined: all addresses where real pods must reach the API, else loopback. */
  readonly bind?: string;
  readonly kubeconfig: string;
  readonly detach: boolean;
  /** Undefined: docker where it can be, else hollow. */
  readonly runtime?: RuntimeKind;
  readonly nodes: number;
  readonly store: StoreKind;
  readonly etcdEndpoints: readonly string[];
  readonly only: ReadonlySet<ComponentName>;
  /** The clock leaps when `steersman advance` says so. */
  readonly virtualTime: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** What secures the API server, as upstream's flags say it. */
  readonly security: FlagValues;
}

/** The flags as commander gives them. */
export interface UpFlags {
  readonly dataDir?: string;
  readonly httpsPort: string;
  readonly bind?: string;
  readonly kubeconfig?: string;
  readonly detach?: boolean;
  readonly runtime?: string;
  readonly nodes: string;
  /** Undefined: memory with --virtual-time, else embedded. */
  readonly store?: string;
  readonly etcdEndpoints?: string;
  readonly only?: string;
  readonly virtualTime?: boolean;
  readonly logLevel: string;
}

export const defaultDataDir = (): string => (process.getuid?.() === 0 ? '/var/lib/steersman' : join(homedir(), '.steersman'));

const oneOf = <T extends string>(flag: string, value: string, allowed: readonly T[]): T => {
  if (!allowed.includes(value as T)) throw new UsageError(`--${flag} ${value} is not known: use one of ${allowed.join(', ')}`);
  return value as T;
};

const wholeNumber = (flag: string, value: string, { min, max }: { min: number; max: number }): number => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new UsageError(`--${flag} ${value} is out of range: use a whole number from ${min} to ${max}`);
  return number;
};

export function checkedOptions(flags: UpFlags, security: FlagValues = {}): ClusterOptions {
  const dataDir = resolve(flags.dataDir ?? defaultDataDir());
  const virtualTime = flags.virtualTime ?? false;
  const store = oneOf('store', flags.store ?? (virtualTime ? 'memory' : 'embedded'), stores);
  const etcdEndpoints = (flags.etcdEndpoints ?? '').split(',').filter(Boolean);
  if (store === 'etcd' && etcdEndpoints.length === 0) throw new UsageError('--store etcd needs --etcd-endpoints, such as http://127.0.0.1:2379');
  if (store !== 'etcd' && etcdEndpoints.length > 0) throw new UsageError('--etcd-endpoints is for --store etcd');
  if (virtualTime && store !== 'memory') throw new UsageError('--virtual-time wants --store memory: disks and networks do not leap');
  if (virtualTime && flags.runtime === 'docker') throw new UsageError('--virtual-time wants --runtime hollow or none: containers do not leap');
  const only = flags.only
    ?.split(',')
    .filter(Boolean)
    .map((name) => oneOf('only', name, components)) ?? [...components];
  if (!only.includes('api'))
    throw new UsageError('--only must name api: the other components of this process need it (run steersman-<component> to start one by itself)');
  return {
    dataDir,
    httpsPort: wholeNumber('https-port', flags.httpsPort, { min: 1, max: 65535 }),
    ...(flags.bind !== undefined && { bind: flags.bind }),
    kubeconfig: resolve(flags.kubeconfig ?? join(dataDir, 'kubeconfig')),
    detach: flags.detach ?? false,
    ...(flags.runtime !== undefined ? { runtime: oneOf('runtime', flags.runtime, runtimes) } : virtualTime && { runtime: 'hollow' as const }),
    nodes: wholeNumber('nodes', flags.nodes, { min: 1, max: 10_000 }),
    store,
    etcdEndpoints,
    only: new Set(only),
    virtualTime,
    logLevel: oneOf('log-level', flags.logLevel, ['debug', 'info', 'warn', 'error'] as const),
    security,
  };
}
