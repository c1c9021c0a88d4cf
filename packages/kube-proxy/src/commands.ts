// Runs iptables and conntrack: arguments as a list, rules on stdin, never through a shell.
import { spawn } from 'node:child_process';

/** Runs a command to its end; gives what it printed, throws with its last words. */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.on('error', (cause) => reject(new Error(`${command} cannot be run: install it`, { cause })));
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(' ')} failed: ${errors.trim() || `exit code ${code}`}`)),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
