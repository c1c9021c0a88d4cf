// A connection to a port of a pod, made from within its network namespace, so that listeners on its loopback are reached as well.
import { spawn } from 'node:child_process';
import type { Connection } from '../container-runtime.js';
import { RuntimeError } from '../container-runtime.js';

/**
 * Runs in the pod's network: joins its standard streams with the port. Once the port's side has ended, the other has a second to
 * end as well, as containerd has it: clients that wait for the end would wait for ever.
 */
const program = `
const socket = require('node:net').connect({ host: '127.0.0.1', port: Number(process.argv[1]), allowHalfOpen: true });
socket.on('error', (error) => { process.stderr.write(error.message); process.exit(1); });
socket.on('connect', () => { process.stdin.pipe(socket); socket.pipe(process.stdout); });
socket.on('end', () => require('node:timers').setTimeout(() => process.exit(0), 1000));
socket.on('close', () => process.exit(0));
`;

export function forwardPort(networkNamespace: string, port: number): Connection {
  const child = spawn('nsenter', [`--net=${networkNamespace}`, process.execPath, '-e', program, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (data: Buffer) => {
    words += data.toString();
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      words = error.message;
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 0));
  });
  async function* input(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const data of child.stdout) yield data as Buffer;
    if ((await ended) !== 0) throw new RuntimeError(`failed to connect to localhost:${port} inside namespace: ${words}`);
  }
  return {
    input: input(),
    write: (data) => void child.stdin.write(data),
    end: () => child.stdin.end(),
    close: () => void child.kill('SIGKILL'),
  };
}
