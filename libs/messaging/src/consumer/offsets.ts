/** Kafka commits the offset to read NEXT, as a decimal string; int64 does not fit a JavaScript number. */
export function nextOffset(lastHandled: bigint): string {
  if (lastHandled < 0n) throw new RangeError(`an offset must not be negative: ${lastHandled}`);
  return (lastHandled + 1n).toString();
}

/** Records between the next offset and the end of the log; 0 when the log was truncated below it. */
export function lagOf(next: bigint, highWatermark: bigint): number {
  return highWatermark > next ? Number(highWatermark - next) : 0;
}
