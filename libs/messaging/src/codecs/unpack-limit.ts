/**
 * Most bytes one compressed batch may decompress to: far more than the largest batch our topics accept decompresses to in normal
 * use, and small enough that several fit into a container's memory at once.
 */
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** Most records one compressed batch may hold: an empty record compresses to a few bytes but becomes an object in memory. */
export const MAX_UNPACKED_RECORDS = 100_000;

/** A compressed batch would exceed the decompression limit. It was rejected before the memory was used. */
export class UnpackedTooLargeError extends Error {
  readonly code = 'UNPACKED_TOO_LARGE';

  constructor(codec: string, options?: ErrorOptions) {
    super(`a ${codec} batch decompresses to more than ${MAX_UNPACKED_BYTES} bytes`, options);
    this.name = 'UnpackedTooLargeError';
  }
}
