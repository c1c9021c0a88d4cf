// Writes the wire format of protocol buffers from the end to the start, so that the length of what is nested is known when it
// is needed. Mirrors https://protobuf.dev/programming-guides/encoding/

const startSize = 64 * 1024;
/** The number that stands for all that are larger: no number of JavaScript is exactly that. */
const largest = 2n ** 63n - 1n;
/** Text up to this length is copied character by character while it is ASCII: dearer calls do not pay for it. */
const shortText = 48;

export class WireWriter {
  private buffer = Buffer.allocUnsafe(startSize);
  private at = startSize;

  /** How much has been written. */
  get length(): number {
    return this.buffer.length - this.at;
  }

  /** Forgets what has been written. */
  clear(): void {
    this.at = this.buffer.length;
  }

  /** A copy of what has been written. */
  bytes(): Buffer {
    return Buffer.from(this.buffer.subarray(this.at));
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(10);
    if (value < 0x80) {
      this.buffer[--this.at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++;
    this.at -= size;
    let rest = value;
    for (let index = 0; index < size - 1; index++) {
      this.buffer[this.at + index] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.at + size - 1] = rest;
  }

  /** A whole number of 64 bits; negative and very large ones fill ten bytes. Throws where it is no whole number. */
  signed(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(value);
      return;
    }
    this.reserve(10);
    this.at -= 10;
    const whole = BigInt(value);
    let rest = BigInt.asUintN(64, whole > largest ? largest : whole);
    for (let index = 0; index < 9; index++) {
      this.buffer[this.at + index] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.at + 9] = Number(rest);
  }

  double(value: number): void {
    this.reserve(8);
    this.at -= 8;
    this.buffer.writeDoubleLE(value, this.at);
  }

  /** Bytes with their length. */
  chunk(bytes: Uint8Array): void {
    this.raw(bytes);
    this.varint(bytes.length);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.at -= bytes.length;
    this.buffer.set(bytes, this.at);
  }

  /** Text with its length. */
  text(value: string): void {
    if (value.length > shortText || !this.ascii(value)) {
      const size = Buffer.byteLength(value);
      this.reserve(size);
      this.at -= size;
      this.buffer.write(value, this.at, size, 'utf8');
      this.varint(size);
    } else this.varint(value.length);
  }

  /** Writes text that is nothing but ASCII; false, and nothing written, where it is more. */
  private ascii(value: string): boolean {
    this.reserve(value.length);
    const start = this.at - value.length;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      this.buffer[start + index] = code;
    }
    this.at = start;
    return true;
  }

  private reserve(size: number): void {
    if (this.at >= size) return;
    const used = this.length;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + size));
    this.buffer.copy(larger, larger.length - used, this.at);
    this.buffer = larger;
    this.at = larger.length - used;
  }
}
