// What the pod network has on the host as a whole: whether it can be set up at all, and how it is taken away.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FirewallTable, removeFirewall, runCommand } from '@steersman/component-base';
import { jumps, ownChains } from './firewall.js';
import { releaseNetwork } from './network-owner.js';

export const defaultBridge = 'steersman0';

/** Takes bridge and rules away; for `steersman reset`. What is not there is no error. */
export async function removeOverlay(bridge = defaultBridge): Promise<void> {
  const chainsOf = (table: FirewallTable): string[] => ownChains.filter(([of]) => of === table).map(([, chain]) => chain);
  await removeFirewall(jumps, { filter: chainsOf('filter'), nat: chainsOf('nat') });
  if (existsSync(join('/sys/class/net', bridge))) await runCommand('ip', ['link', 'delete', bridge]).catch(() => undefined);
  releaseNetwork();
}

/** Why this process may not set up networks; undefined where it may. */
export async function networkProblem(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'not running as root';
  for (const [command, args] of [
    ['ip', ['link', 'show', 'lo']],
    ['iptables', ['-w', '5', '-t', 'nat', '-L', '-n']],
    ['iptables-restore', ['--version']],
    ['nsenter', ['--version']],
  ] as const)
    try {
      await runCommand(command, args);
    } catch (error) {
      return (error as Error).message;
    }
  return undefined;
}
