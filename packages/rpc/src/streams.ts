// gRPC's event-emitting calls as async iterables and promises, with abort signals and back-pressure.
import type {
  ClientDuplexStream,
  ClientReadableStream,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { fromServiceError, isCancelled, toServiceError } from './status-metadata.js';

/** Aborts when the caller goes away or the call ends. */
function signalOf(call: { on(event: 'cancelled' | 'close', listener: () => void): unknown; cancelled: boolean }): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  call.on('close', () => controller.abort());
  if (call.cancelled) controller.abort();
  return controller.signal;
}

/** A unary handler made of an async function. */
export function unaryHandler<Request, Response>(
  handle: (request: Request, call: Parameters<handleUnaryCall<Request, Response>>[0]) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request, call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

async function pump<Message>(
  messages: AsyncIterable<Message>,
  call: ServerWritableStream<unknown, Message> | ServerDuplexStream<unknown, Message>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      if (!call.write(message)) await drained(call, signal);
    }
    call.end();
  } catch (error) {
    if (!signal.aborted) call.emit('error', toServiceError(error));
  }
}

interface Drainable {
  once(event: 'drain', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
}

function drained(stream: Drainable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stream.off('drain', finish);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    stream.once('drain', finish);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}

/** A server-streaming handler made of a function that returns an async iterable. */
export function streamHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal, call: ServerWritableStream<Request, Response>) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const signal = signalOf(call);
    void pump(handle(call.request, signal, call), call, signal);
  };
}

/** A bidirectional handler made of a function from an async iterable to another. */
export function duplexHandler<Request, Response>(
  handle: (input: AsyncIterable<Request>, signal: AbortSignal, call: ServerDuplexStream<Request, Response>) => AsyncIterable<Response>,
): handleBidiStreamingCall<Request, Response> {
  return (call) => {
    const signal = signalOf(call);
    void pump(handle(call, signal, call), call, signal);
  };
}

/** A generated client's unary method, closed over its options. */
type UnaryMethod<Request, Response> = (request: Request, callback: (error: Error | null, response: Response) => void) => { cancel(): void };

/** Calls a unary method; rejects with the server's StatusError. */
export function callUnary<Request, Response>(method: UnaryMethod<Request, Response>, request: Request, signal?: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => call.cancel();
    const call = method(request, (error, response) => {
      signal?.removeEventListener('abort', cancel);
      if (error) reject(fromServiceError(error));
      else resolve(response);
    });
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });
}

/** The messages of a streaming call; ends quietly when the signal aborts, throws the server's StatusError otherwise. */
export async function* messagesOf<Response>(
  call: ClientReadableStream<Response> | ClientDuplexStream<never, Response>,
  signal?: AbortSignal,
): AsyncGenerator<Response, void, undefined> {
  const cancel = (): void => call.cancel();
  call.on('error', () => {}); // an error after the iteration ended has no one left to tell
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as Response;
  } catch (error) {
    if (signal?.aborted || isCancelled(error)) return;
    throw fromServiceError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

/** Runs a bidirectional call: sends `input`, yields what comes back. */
export async function* exchange<Request, Response>(
  call: ClientDuplexStream<Request, Response>,
  input: AsyncIterable<Request>,
  signal?: AbortSignal,
): AsyncGenerator<Response, void, undefined> {
  const ended = new AbortController();
  const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  const send = async (): Promise<void> => {
    for await (const message of input) {
      if (stop.aborted) return;
      if (!call.write(message)) await drained(call, stop);
    }
    call.end();
  };
  const sending = send().catch(() => call.cancel());
  try {
    yield* messagesOf(call as ClientDuplexStream<never, Response>, signal);
  } finally {
    ended.abort();
    void sending;
  }
}
