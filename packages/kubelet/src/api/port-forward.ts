// Port forwarding into a pod: one connection per call.
import { badRequest, notFound } from '@steersman/api';
import type { nodeV1 } from '@steersman/rpc';
import { messageOf } from '../containers/container-error.js';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';
import { readRuntimePod, readySandbox } from '../pods/runtime-pod.js';
import type { Connection } from '../runtime/container-runtime.js';

export interface ForwardCall {
  readonly input: AsyncIterable<nodeV1.PortForwardInput>;
  readonly signal: AbortSignal;
}

async function feed(connection: Connection, messages: AsyncIterator<nodeV1.PortForwardInput>): Promise<void> {
  for (;;) {
    const { value, done } = await messages.next();
    if (done || !value) return connection.end();
    const { input } = value as nodeV1.PortForwardInput;
    if (input?.$case === 'data') connection.write(input.value);
  }
}

export async function* servePortForward(
  context: KubeletContext,
  pods: PodManager,
  { input, signal }: ForwardCall,
): AsyncIterable<nodeV1.PortForwardOutput> {
  const messages = input[Symbol.asyncIterator]();
  const { value } = (await messages.next()) as IteratorResult<nodeV1.PortForwardInput, undefined>;
  if (value?.input?.$case !== 'start') throw badRequest('port forwarding begins with its start');
  const start = value.input.value;
  const pod = pods.find(start.namespace, start.pod);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, start.pod);
  const sandbox = readySandbox(await readRuntimePod(context.runtime, pod.metadata.uid ?? ''));
  if (!sandbox) throw badRequest(`unable to forward port because pod is not running. Current status=${pod.status.phase}`);
  let connection: Connection;
  try {
    connection = await context.runtime.portForward(sandbox.id, start.port);
  } catch (error) {
    yield { output: { $case: 'error', value: `error forwarding port ${start.port} to pod ${sandbox.id}, uid : ${messageOf(error)}` } };
    return;
  }
  const close = (): void => connection.close();
  signal.addEventListener('abort', close, { once: true });
  feed(connection, messages).catch(close);
  try {
    for await (const data of connection.input) yield { output: { $case: 'data', value: Buffer.from(data.buffer, data.byteOffset, data.byteLength) } };
  } catch (error) {
    yield { output: { $case: 'error', value: `error forwarding port ${start.port} to pod ${sandbox.id}, uid : ${messageOf(error)}` } };
  } finally {
    signal.removeEventListener('abort', close);
    connection.close();
  }
}
