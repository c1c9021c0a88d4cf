// Reads the wire format of protocol buffers. Mirrors https://protobuf.dev/programming-guides/encoding/

export class WireReader {
  private at: number;

  constructor(
    private readonly bytes: Buffer,
    start = 0,
    private readonly end = bytes.length,
  ) {
    this.at = start;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next field's number and wire type. */
  tag(): { field: number; wire: number } {
    const tag = this.unsigned();
    return { field: Math.floor(tag / 8), wire: tag % 8 };
  }

  /** A varint as a number; exact up to 2^53. */
  unsigned(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new Error('malformed varint');
  }

  /** A varint as a signed number: negative ones fill ten bytes. */
  signed(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new Error('malformed varint');
  }

  double(): number {
    this.need(8);
    const value = this.bytes.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** The bytes of a length-delimited field, shared with the input. */
  chunk(): Buffer {
    const length = this.unsigned();
    this.need(length);
    const chunk = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return chunk;
  }

  skip(wire: number): void {
    if (wire === 0) this.signed();
    else if (wire === 1) this.advance(8);
    else if (wire === 2) this.chunk();
    else if (wire === 5) this.advance(4);
    else throw new Error(`unknown wire type ${wire}`);
  }

  private byte(): number {
    this.need(1);
    return this.bytes[this.at++]!;
  }

  private advance(count: number): void {
    this.need(count);
    this.at += count;
  }

  private need(count: number): void {
    if (this.at + count > this.end) throw new Error('unexpected EOF');
  }
}
