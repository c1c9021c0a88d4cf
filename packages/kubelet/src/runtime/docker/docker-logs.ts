// Logs out of Docker's json-file driver: frames with time stamps, pieces of long lines put together again.
import type { Readable } from 'node:stream';
import type { LogLine } from '../container-runtime.js';

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

const headerBytes = 8;

/** Splits Docker's multiplexed stream into its frames. */
export async function* framesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of source) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part]);
    while (rest.length >= headerBytes) {
      const size = rest.readUInt32BE(4);
      if (rest.length < headerBytes + size) break;
      yield { stream: rest[0] === 2 ? 'stderr' : 'stdout', data: rest.subarray(headerBytes, headerBytes + size) };
      rest = rest.subarray(headerBytes + size);
    }
  }
}

/** A terminal's output has no frames: its lines are taken for such. */
async function* terminalFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Frame, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of source) {
    rest = Buffer.concat([rest, part]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield { stream: 'stdout', data: rest.subarray(0, end + 1) };
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield { stream: 'stdout', data: rest };
}

/** Pieces of at most 16 KiB carry a time each; only the first of a line keeps it. Each piece is passed on as it comes. */
export async function* logLines(source: Readable, isTerminal: boolean): AsyncGenerator<LogLine, void, undefined> {
  const open = new Map<string, { time: string; parts: Buffer[] }>();
  for await (const { stream, data } of (isTerminal ? terminalFrames : framesOf)(source as AsyncIterable<Buffer>)) {
    const space = data.indexOf(32);
    const time = data.toString('latin1', 0, space);
    const text = data.subarray(space + 1);
    const line = open.get(stream) ?? { time, parts: [] };
    line.parts.push(text);
    if (text.at(-1) === 10) {
      open.delete(stream);
      yield { time: line.time, stream, text: Buffer.concat(line.parts) };
    } else open.set(stream, line);
  }
  for (const [stream, { time, parts }] of open) yield { time, stream: stream as LogLine['stream'], text: Buffer.concat(parts) };
}
