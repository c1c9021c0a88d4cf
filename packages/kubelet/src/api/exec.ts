// Interactive sessions: commands in containers, and attaching to their main process.
import { badRequest, internalError, notFound, type Status, StatusError } from '@steersman/api';
import type { nodeV1 } from '@steersman/rpc';
import { messageOf } from '../containers/container-error.js';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';
import { latest, readRuntimePod } from '../pods/runtime-pod.js';
import type { Session } from '../runtime/container-runtime.js';

export interface SessionCall {
  readonly input: AsyncIterable<nodeV1.SessionInput>;
  readonly signal: AbortSignal;
}

type Start = nodeV1.SessionStart;

async function firstOf(messages: AsyncIterator<nodeV1.SessionInput>): Promise<Start> {
  const { value } = (await messages.next()) as IteratorResult<nodeV1.SessionInput, undefined>;
  if (value?.input?.$case !== 'start') throw badRequest('a session begins with its start');
  return value.input.value;
}

async function runningContainer(context: KubeletContext, pods: PodManager, start: Start): Promise<string> {
  const pod = pods.find(start.namespace, start.pod);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, start.pod);
  const container = start.container || pod.spec.containers[0]?.name || '';
  const status = latest(await readRuntimePod(context.runtime, pod.metadata.uid ?? ''), container);
  if (status?.state !== 'running') throw internalError(new Error(`unable to upgrade connection: container not found ("${container}")`));
  return status.id;
}

export async function* execSession(context: KubeletContext, pods: PodManager, { input, signal }: SessionCall): AsyncIterable<nodeV1.SessionOutput> {
  const messages = input[Symbol.asyncIterator]();
  const start = await firstOf(messages);
  yield* serve(async () => context.runtime.exec(await runningContainer(context, pods, start), start.command, start), { messages, signal });
}

export async function* attachSession(context: KubeletContext, pods: PodManager, { input, signal }: SessionCall): AsyncIterable<nodeV1.SessionOutput> {
  const messages = input[Symbol.asyncIterator]();
  const start = await firstOf(messages);
  yield* serve(async () => context.runtime.attach(await runningContainer(context, pods, start), start), { messages, signal });
}

async function feed(session: Session, messages: AsyncIterator<nodeV1.SessionInput>): Promise<void> {
  for (;;) {
    const { value, done } = await messages.next();
    if (done || !value) return session.closeInput();
    const { input } = value as nodeV1.SessionInput;
    if (input?.$case === 'stdin') session.write(input.value);
    else if (input?.$case === 'resize') session.resize(input.value);
    else if (input?.$case === 'stdinClosed') session.closeInput();
  }
}

/** How a session ended, in the words that kubectl looks for. */
export function exitStatus(exitCode: number): Partial<Status> {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

/** An error as a session ends with it: a Status without kind and version, as upstream's streams have it. */
function failureStatus(error: unknown): Partial<Status> {
  const {
    kind: _kind,
    apiVersion: _version,
    ...status
  } = error instanceof StatusError ? error.status : internalError(new Error(messageOf(error))).status;
  return status;
}

async function* serve(
  open: () => Promise<Session>,
  { messages, signal }: { messages: AsyncIterator<nodeV1.SessionInput>; signal: AbortSignal },
): AsyncIterable<nodeV1.SessionOutput> {
  let session: Session | undefined;
  let status: Partial<Status>;
  const close = (): void => session?.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const opened = await open();
    session = opened;
    feed(opened, messages).catch(close);
    for await (const { stream, data } of opened.output)
      yield { output: { $case: stream, value: Buffer.from(data.buffer, data.byteOffset, data.byteLength) } };
    status = exitStatus(await opened.exitCode());
  } catch (error) {
    status = failureStatus(error);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
  yield { output: { $case: 'exit', value: Buffer.from(JSON.stringify(status)) } };
}
