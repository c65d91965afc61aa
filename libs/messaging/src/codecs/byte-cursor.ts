/** Reads the variable-length fields of Kafka's record format (zigzag varints, https://kafka.apache.org/documentation/#record). */
export interface ByteCursor {
  readonly bytes: Buffer;
  at: number;
  /** A 32-bit number. */
  readVarInt(): number;
  /** A 64-bit number; not exact beyond 2^53. */
  readVarLong(): number;
  /** A length and that many bytes, without copying; null for a length of -1. */
  readBytes(): Buffer | null;
}

export function createByteCursor(bytes: Buffer, at: number): ByteCursor {
  return new Cursor(bytes, at);
}

const MORE = 0x80;
const VALUE_BITS = 0x7f;

class Cursor implements ByteCursor {
  constructor(
    readonly bytes: Buffer,
    public at: number,
  ) {}

  readVarInt(): number {
    const { bytes } = this;
    let byte = bytes[this.at++] ?? 0;
    let value = byte & VALUE_BITS;
    for (let shift = 7; byte >= MORE; shift += 7) {
      byte = bytes[this.at++] ?? 0;
      value |= (byte & VALUE_BITS) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  readVarLong(): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.bytes[this.at++] ?? 0;
      value += (byte & VALUE_BITS) * scale;
      scale *= MORE;
    } while (byte >= MORE);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  readBytes(): Buffer | null {
    const length = this.readVarInt();
    if (length < 0) return null;
    const from = this.at;
    this.at = from + length;
    return this.bytes.subarray(from, this.at);
  }
}
