// One interactive session as its two ends see it: what the client sends, and where output goes. WebSocket and SPDY stand behind it.
import type { nodeV1 } from '@steersman/rpc';

export interface SessionChannels {
  /** What the client sends after the start: stdin, resizes, the end of stdin. */
  readonly input: AsyncIterable<nodeV1.SessionInput>;
  /** Writes output; resolves when more may come. */
  write(channel: 'stdout' | 'stderr' | 'error', data: Uint8Array): Promise<void>;
  /** Ends the session once everything is written. */
  close(): void;
}

/** What the client asked to be connected. */
export interface SessionOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Runs a session: the start, then what the client sends; output goes to its channels, and the outcome to `error`. */
export async function runSession(
  channels: SessionChannels,
  start: nodeV1.SessionStart,
  open: (input: AsyncIterable<nodeV1.SessionInput>) => AsyncIterable<nodeV1.SessionOutput>,
): Promise<void> {
  async function* input(): AsyncGenerator<nodeV1.SessionInput, void, undefined> {
    yield { input: { $case: 'start', value: start } };
    yield* channels.input;
  }
  for await (const { output } of open(input())) {
    switch (output?.$case) {
      case 'stdout':
        await channels.write('stdout', output.value);
        break;
      case 'stderr':
        await channels.write('stderr', output.value);
        break;
      case 'exit':
        await channels.write('error', output.value);
        break;
      default:
    }
  }
}
