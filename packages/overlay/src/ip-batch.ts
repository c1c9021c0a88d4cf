// Many changes to links, addresses and routes in one process.
import { runCommand } from '@steersman/component-base';

/** Runs lines of `ip` in one process, in the namespace of a process where one is given. */
export const ipBatch = (lines: readonly string[], netnsPath?: string): Promise<string> =>
  netnsPath
    ? runCommand('nsenter', [`--net=${netnsPath}`, 'ip', '-batch', '-'], `${lines.join('\n')}\n`)
    : runCommand('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
