// Commands in containers, and attaching to their main process.
import { kill } from 'node:process';
import type { Duplex } from 'node:stream';
import type { Clock } from '@steersman/api';
import type Docker from 'dockerode';
import type { Exec } from 'dockerode';
import type { ExecResult, Session, SessionOptions } from '../container-runtime.js';
import { runtimeError } from './docker-error.js';
import { framesOf } from './docker-logs.js';

/** Output beyond this is dropped: probes and hooks need no more. */
const mostOutput = 16 * 1024 * 1024;

/** Runs a command to its end, or kills it when the time is up (0: no limit). */
export async function execSync(
  docker: Docker,
  clock: Clock,
  { id, command, timeoutMs }: { id: string; command: readonly string[]; timeoutMs: number },
): Promise<ExecResult> {
  let exec: Exec;
  let stream: Duplex;
  try {
    exec = await docker.getContainer(id).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
    stream = await exec.start({ hijack: true, stdin: false });
  } catch (error) {
    throw runtimeError(error);
  }
  let timedOut = false;
  const timer =
    timeoutMs > 0
      ? clock.after(timeoutMs, () => {
          timedOut = true;
          void killExec(exec).finally(() => stream.destroy());
        })
      : undefined;
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let size = 0;
  try {
    for await (const frame of framesOf(stream)) {
      size += frame.data.length;
      if (size <= mostOutput) output[frame.stream].push(Buffer.from(frame.data));
    }
  } catch (error) {
    if (!timedOut) throw runtimeError(error);
  } finally {
    timer?.cancel();
  }
  const exitCode = timedOut ? 137 : await exitCodeOf(exec, clock);
  return { exitCode, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString(), timedOut };
}

async function killExec(exec: Exec): Promise<void> {
  const { Pid, Running } = await exec.inspect();
  if (!Running || !Pid) return;
  try {
    kill(Pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** The output may end a moment before Docker knows the exit code. */
async function exitCodeOf(exec: Exec, clock: Clock): Promise<number> {
  for (let tries = 0; ; tries++) {
    const { ExitCode, Running } = await exec.inspect();
    if (!Running && ExitCode !== null) return ExitCode;
    if (tries > 100) return ExitCode ?? 137;
    await clock.sleep(5 * (tries + 1));
  }
}

async function* plainOutput(stream: Duplex): AsyncGenerator<{ stream: 'stdout'; data: Buffer }, void, undefined> {
  for await (const data of stream) yield { stream: 'stdout', data: data as Buffer };
}

interface SessionParts {
  readonly stream: Duplex;
  readonly tty: boolean;
  resize(size: { h: number; w: number }): Promise<unknown>;
  exitCode(): Promise<number>;
}

const sessionOf = ({ stream, tty, resize, exitCode }: SessionParts): Session => {
  stream.on('error', () => {});
  return {
    output: tty ? plainOutput(stream) : framesOf(stream as AsyncIterable<Buffer>),
    write: (data) => void (stream.writable && stream.write(data)),
    closeInput: () => void (stream.writable && stream.end()),
    resize: ({ width, height }) => void resize({ w: width, h: height }).catch(() => undefined),
    exitCode,
    close: () => stream.destroy(),
  };
};

export async function execSession(
  docker: Docker,
  clock: Clock,
  { id, command, options }: { id: string; command: readonly string[]; options: SessionOptions },
): Promise<Session> {
  try {
    const { stdin, stdout, stderr, tty } = options;
    const exec = await docker
      .getContainer(id)
      .exec({ Cmd: [...command], AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr && !tty, Tty: tty });
    const stream = await exec.start({ hijack: true, stdin, Tty: tty });
    return sessionOf({ stream, tty, resize: (size) => exec.resize(size), exitCode: () => exitCodeOf(exec, clock) });
  } catch (error) {
    throw runtimeError(error);
  }
}

export async function attachSession(docker: Docker, { id, options }: { id: string; options: SessionOptions }): Promise<Session> {
  const container = docker.getContainer(id);
  try {
    const { Config } = await container.inspect();
    const { stdin, stdout, stderr } = options;
    const stream = (await container.attach({
      stream: true,
      hijack: true,
      stdin: stdin && Config.OpenStdin,
      stdout,
      stderr: stderr && !Config.Tty,
    })) as Duplex;
    return sessionOf({ stream, tty: Config.Tty, resize: (size) => container.resize(size), exitCode: async () => 0 });
  } catch (error) {
    throw runtimeError(error);
  }
}
