import { type ByteCursor, createByteCursor } from './byte-cursor';

/** What the records of one batch share. */
export interface BatchContext {
  readonly firstOffset: bigint;
  /** Epoch ms. */
  readonly firstTimestamp: number;
  readonly maxTimestamp: string;
  readonly isAppendTime: boolean;
  readonly isControlBatch: boolean;
  readonly inTransaction: boolean;
  readonly producerId: string;
}

/** Where the parts of a record lie in the batch's bytes; a length of -1 is null. */
interface Layout {
  readonly bytes: Buffer;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly headersAt: number;
  readonly timestampDelta: number;
}

/** A record as kafkajs hands it on, of which everything but offset and value is decoded when it is asked for. */
export class FetchedRecord {
  /** Key and value, bytes. */
  readonly sizeInBytes: number;

  constructor(
    /** A number as long as that is exact, which spares kafkajs (and us) the way through a decimal string. */
    readonly offset: number | string,
    readonly value: Buffer | null,
    readonly batchContext: BatchContext,
    private readonly layout: Layout,
  ) {
    this.sizeInBytes = Math.max(0, layout.keyLength) + (value?.length ?? 0);
  }

  get key(): Buffer | null {
    const { bytes, keyAt, keyLength } = this.layout;
    return keyLength < 0 ? null : bytes.subarray(keyAt, keyAt + keyLength);
  }

  /** Epoch ms as a decimal string. */
  get timestamp(): string {
    const { isAppendTime, maxTimestamp, firstTimestamp } = this.batchContext;
    return isAppendTime ? maxTimestamp : String(firstTimestamp + this.layout.timestampDelta);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  /** Of a repeated header all values; a header called __proto__ is left out. */
  get headers(): Record<string, Buffer | null | (Buffer | null)[]> {
    const { bytes, headersAt } = this.layout;
    const cursor = createByteCursor(bytes, headersAt);
    const headers: Record<string, Buffer | null | (Buffer | null)[]> = {};
    for (let left = cursor.readVarInt(); left > 0; left -= 1) {
      const name = cursor.readBytes()?.toString('utf8') ?? '';
      const value = cursor.readBytes();
      if (name === '__proto__') continue;
      const known = headers[name];
      if (known === undefined) headers[name] = value;
      else headers[name] = Array.isArray(known) ? [...known, value] : [known, value];
    }
    return headers;
  }
}

/** Reads the record at the cursor and leaves the cursor behind it. Throws `RangeError` when it does not fit its batch. */
export function readRecord(cursor: ByteCursor, context: BatchContext): FetchedRecord {
  const length = cursor.readVarInt();
  const end = cursor.at + length;
  if (!(length > 0) || end > cursor.bytes.length) throw new RangeError('a record is longer than its batch');
  cursor.at += 1; // attributes, unused
  const timestampDelta = cursor.readVarLong();
  const offsetDelta = cursor.readVarInt();
  const keyLength = cursor.readVarInt();
  const keyAt = cursor.at;
  cursor.at += Math.max(0, keyLength);
  const value = cursor.readBytes();
  const layout = { bytes: cursor.bytes, keyAt, keyLength, headersAt: cursor.at, timestampDelta };
  cursor.at = end;
  return new FetchedRecord(offsetOf(context.firstOffset, offsetDelta), value, context, layout);
}

function offsetOf(first: bigint, delta: number): number | string {
  const offset = Number(first) + delta;
  return Number.isSafeInteger(offset) ? offset : String(first + BigInt(delta));
}
