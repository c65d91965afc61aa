/**
 * The most that one compressed batch may unpack to, bytes. 250 times the largest batch our topics take, so that no honest batch
 * meets it; small enough that several at once fit into the memory of a container.
 */
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** The most records one compressed batch may hold: empty records are a few bytes packed away and an object each once unpacked. */
export const MAX_UNPACKED_RECORDS = 100_000;

/** A compressed batch would unpack to more than the limit. It was refused before that memory was used. */
export class UnpackedTooLargeError extends Error {
  readonly code = 'UNPACKED_TOO_LARGE';

  constructor(codec: string, options?: ErrorOptions) {
    super(`a ${codec} batch unpacks to more than ${MAX_UNPACKED_BYTES} bytes`, options);
    this.name = 'UnpackedTooLargeError';
  }
}
