// Runs the system's network tools: arguments as a list, input on stdin, never through a shell.
import { spawn } from 'node:child_process';

export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Runs a command to its end; gives what it printed. Throws CommandError with its last words. */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.on('error', (cause) => reject(new CommandError(`${command} cannot be run: install it (iproute2, iptables, util-linux)`, { cause })));
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new CommandError(`${command} ${args.join(' ')} failed: ${errors.trim() || `exit code ${code}`}`)),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs lines of `ip` in one process, in the namespace of a process where one is given. */
export const ipBatch = (lines: readonly string[], netnsPath?: string): Promise<string> =>
  netnsPath
    ? run('nsenter', [`--net=${netnsPath}`, 'ip', '-batch', '-'], `${lines.join('\n')}\n`)
    : run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
