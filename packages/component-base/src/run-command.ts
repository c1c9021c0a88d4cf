// Runs the system's tools: arguments as a list, input on stdin, never through a shell.
import { spawn } from 'node:child_process';

export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Debian's package of each tool that is run. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nsenter: 'util-linux',
  conntrack: 'conntrack',
  iptables: 'iptables',
  'iptables-save': 'iptables',
  'iptables-restore': 'iptables',
};

/** Runs a command to its end; gives what it printed. Throws CommandError with its last words. */
export function runCommand(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.on('error', (cause) => reject(new CommandError(`${command} cannot be run: install ${packages[command] ?? 'it'}`, { cause })));
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new CommandError(`${command} ${args.join(' ')} failed: ${errors.trim() || `exit code ${code}`}`)),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
