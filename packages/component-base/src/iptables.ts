// The firewall of this machine, as the agents of a node use it: chains of their own, entered by jumps from the built-in ones.
// Rules go in as one transaction of iptables-restore; what is there is read with one iptables-save.
import { runCommand } from './run-command.js';

export type FirewallTable = 'filter' | 'nat';

/** A rule on top of a built-in chain that leads to a chain of our own; `match` as iptables-save writes it. */
export interface Jump {
  readonly table: FirewallTable;
  readonly parent: string;
  readonly chain: string;
  readonly match: readonly string[];
}

/** What iptables-save tells of each table, a line a rule. */
export type SavedFirewall = Readonly<Record<FirewallTable, readonly string[]>>;

const wait = ['-w', '5'];

/** Applies rules in the language of iptables-restore; chains that they do not name stay as they are. */
export const restoreFirewall = (text: string): Promise<string> => runCommand('iptables-restore', ['--noflush', ...wait], text);

export async function savedFirewall(): Promise<SavedFirewall> {
  const saved: Record<FirewallTable, string[]> = { filter: [], nat: [] };
  let table: string[] = [];
  for (const line of (await runCommand('iptables-save', [])).split('\n')) {
    if (line.startsWith('*')) table = saved[line.slice(1) as FirewallTable] ?? [];
    else table.push(line);
  }
  return saved;
}

export const hasChain = (saved: SavedFirewall, table: FirewallTable, chain: string): boolean =>
  saved[table].some((line) => line.startsWith(`:${chain} `));

export const chainsNamed = (saved: SavedFirewall, table: FirewallTable, pattern: RegExp): string[] =>
  saved[table].flatMap((line) => (line.startsWith(':') ? line.slice(1).split(' ', 1) : [])).filter((chain) => pattern.test(chain));

const ruleOf = ({ match, chain }: Jump): string[] => [...match, '-j', chain];

export const missingJumps = (saved: SavedFirewall, jumps: readonly Jump[]): Jump[] =>
  jumps.filter((jump) => !saved[jump.table].includes(`-A ${[jump.parent, ...ruleOf(jump)].join(' ')}`));

export async function addJumps(jumps: readonly Jump[]): Promise<void> {
  for (const jump of jumps) await runCommand('iptables', [...wait, '-t', jump.table, '-I', jump.parent, '1', ...ruleOf(jump)]);
}

/** Takes jumps and chains away. What is not there is no error. */
export async function removeFirewall(jumps: readonly Jump[], chains: Readonly<Record<FirewallTable, readonly string[]>>): Promise<void> {
  const saved = await savedFirewall();
  const absent = new Set(missingJumps(saved, jumps));
  for (const jump of jumps)
    if (!absent.has(jump)) await runCommand('iptables', [...wait, '-t', jump.table, '-D', jump.parent, ...ruleOf(jump)]).catch(() => undefined);
  for (const table of ['filter', 'nat'] as const) {
    const present = chains[table].filter((chain) => hasChain(saved, table, chain));
    if (present.length === 0) continue;
    // Emptied first, so that none is in use by another when it goes.
    const text = [`*${table}`, ...present.map((chain) => `:${chain} - [0:0]`), ...present.map((chain) => `-X ${chain}`), 'COMMIT', ''].join('\n');
    await restoreFirewall(text).catch(() => undefined);
  }
}
