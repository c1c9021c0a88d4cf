// What goes on between a program and a container, by the official JavaScript client: commands, logs, ports.
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig, Log, PortForward, type V1Status } from '@kubernetes/client-node';

export interface Container {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Runs a command with something on its standard input; gives what it wrote, and how it ended. */
export async function execute(
  config: KubeConfig,
  { namespace, pod, container }: Container,
  { command, input }: { command: string[]; input?: string },
): Promise<{ stdout: string; stderr: string; status: V1Status }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const status = await new Promise<V1Status>((resolve, reject) => {
    const stdin = input === undefined ? null : Readable.from([input]);
    new Exec(config).exec(namespace, pod, container, command, stdout, stderr, stdin, false, resolve).catch(reject);
  });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { stdout: out, stderr: err, status };
}

/** The log of a container, followed to its end. */
export async function followLog(config: KubeConfig, { namespace, pod, container }: Container): Promise<string> {
  const stream = new PassThrough();
  const said = text(stream);
  await new Log(config).log(namespace, pod, container, stream, { follow: true, timestamps: false });
  return said;
}

/** Says something to a port of a pod, and gives what comes back once it matches. */
export function talkTo(
  config: KubeConfig,
  { namespace, pod }: Omit<Container, 'container'>,
  talk: { port: number; say: string; until: RegExp },
): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const output = new Writable({
      write(data: Buffer, _encoding, done) {
        heard += data.toString();
        if (talk.until.test(heard)) resolve(heard);
        done();
      },
    });
    const input = new PassThrough();
    new PortForward(config).portForward(namespace, pod, [talk.port], output, null, input).then(() => input.write(talk.say), reject);
  });
}
