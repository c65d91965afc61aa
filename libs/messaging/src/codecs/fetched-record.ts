import { type ByteCursor, createByteCursor } from './byte-cursor';

/** The fields shared by all records of a batch. */
export interface BatchContext {
  readonly firstOffset: bigint;
  /** The same as a number, when it is exact enough to add to. */
  readonly firstOffsetNumber: number;
  /** Epoch ms. */
  readonly firstTimestamp: number;
  readonly maxTimestamp: string;
  readonly isAppendTime: boolean;
  readonly isControlBatch: boolean;
  readonly inTransaction: boolean;
  readonly producerId: string;
  /** The batch was not decompressed, because it would exceed the memory limit for a batch. */
  readonly isOversized: boolean;
}

const NO_BYTES = Buffer.alloc(0);
const NULL_LENGTH = -1;

/** A record in the shape kafkajs passes on. Everything except the offset is decoded on access. */
export class FetchedRecord {
  /** A length of -1 means null. */
  constructor(
    /** A number while that is exact, which avoids a conversion through a decimal string. */
    readonly offset: number | string,
    readonly batchContext: BatchContext,
    private readonly bytes: Buffer,
    private readonly keyAt: number,
    private readonly keyLength: number,
    private readonly valueAt: number,
    private readonly valueLength: number,
    private readonly timestampDelta: number,
  ) {}

  /** A record of a batch that was not decompressed: only its offset is known. */
  static withoutContent(context: BatchContext, offsetDelta: number): FetchedRecord {
    return new FetchedRecord(offsetOf(context, offsetDelta), context, NO_BYTES, 0, NULL_LENGTH, 0, NULL_LENGTH, 0);
  }

  get isOversized(): boolean {
    return this.batchContext.isOversized;
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  get value(): Buffer | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength);
  }

  /** Length of key and value, bytes. */
  get sizeInBytes(): number {
    return Math.max(0, this.keyLength) + Math.max(0, this.valueLength);
  }

  /** Epoch ms as a decimal string. */
  get timestamp(): string {
    const { isAppendTime, maxTimestamp, firstTimestamp } = this.batchContext;
    return isAppendTime ? maxTimestamp : String(firstTimestamp + this.timestampDelta);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  /** A repeated header yields all its values; a header named __proto__ is left out. */
  get headers(): Record<string, Buffer | null | (Buffer | null)[]> {
    const cursor = createByteCursor(this.bytes, this.valueAt + Math.max(0, this.valueLength));
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

/** Reads the record at the cursor and moves the cursor past it. Throws `RangeError` when the record exceeds its batch. */
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
  const valueLength = cursor.readVarInt();
  const valueAt = cursor.at;
  cursor.at = end;
  const offset = offsetOf(context, offsetDelta);
  return new FetchedRecord(offset, context, cursor.bytes, keyAt, keyLength, valueAt, valueLength, timestampDelta);
}

function offsetOf({ firstOffset, firstOffsetNumber }: BatchContext, delta: number): number | string {
  const offset = firstOffsetNumber + delta;
  return Number.isSafeInteger(offset) ? offset : String(firstOffset + BigInt(delta));
}
