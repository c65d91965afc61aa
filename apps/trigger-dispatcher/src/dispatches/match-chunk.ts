import { decodeSignalRecord, isTooFarAhead, readSignalHead } from '@tripline/contracts';
import type { MatchIndex } from '@tripline/matching';
import type { Match, Signal, SignalHead } from '@tripline/triggers';
import type { IncomingChunk, IncomingMessage } from '@tripline/messaging';

import type { UndecodableRecord } from './dead-records';
import { SIZES } from './sizes';

/** A record that is a valid signal. */
export interface DecodedRecord {
  readonly message: IncomingMessage;
  readonly signal: Signal;
}

export interface MatchedRecord extends DecodedRecord {
  readonly matches: readonly Match[];
}

/** A chunk with its records sorted into matched, unmatched and dead ones. */
export interface MatchedChunk {
  readonly chunk: IncomingChunk;
  /** Signals that match at least one pipeline. */
  readonly matched: readonly MatchedRecord[];
  /** Number of valid signals that match no pipeline. They are only counted. */
  readonly unmatched: readonly IncomingMessage[];
  readonly dead: readonly UndecodableRecord[];
}

export interface MatchOptions {
  readonly currentIndex: () => Pick<MatchIndex, 'match'>;
  /** Called for each signal to search for near misses later; absent when near misses are not wanted (replays). */
  readonly onSignal?: (signal: SignalHead) => void;
}

/** The match stage; see `DispatchStages.match`. */
export function createMatcher(options: MatchOptions): (chunk: IncomingChunk) => Iterable<MatchedChunk> {
  return (chunk) => {
    const index = options.currentIndex();
    return matchChunk(chunk, (signal) => {
      options.onSignal?.(signal);
      return index.match(signal);
    });
  };
}

/** A record whose batch was not decompressed. Its content is unknown; the publisher has to send it again. */
const OVERSIZED = {
  ok: false,
  reason: 'batch_too_large',
  detail: 'the compressed batch of this record was not decompressed: it would exceed the memory limit',
} as const;

/** Never throws, whatever the bytes. Lazy: only the matches of one chunk are in memory. */
function* matchChunk(chunk: IncomingChunk, match: (signal: SignalHead) => readonly Match[]): Generator<MatchedChunk> {
  const { messages } = chunk;
  let from = 0;
  let pairs = 0;
  let part = emptyPart();
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as IncomingMessage;
    // Most signals match no pipeline. Peek at the header and skip full parsing for those.
    const head = readSignalHead(message.value);
    const isUsual = head !== null && !isTooFarAhead(head.occurredAt, message.timestampMs);
    const seen = isUsual ? match(head) : null;
    if (seen?.length === 0) {
      part.unmatched.push(message);
      continue;
    }
    const decoded = message.isOversized === true ? OVERSIZED : decodeSignalRecord(message);
    const matches = decoded.ok ? (seen ?? match(decoded.signal)) : [];
    if (pairs > 0 && pairs + matches.length > SIZES.chunkPairs) {
      yield { ...part, chunk: { ...chunk, messages: messages.slice(from, index) } };
      [from, pairs, part] = [index, 0, emptyPart()];
    }
    pairs += matches.length;
    if (!decoded.ok) part.dead.push({ message, reason: decoded.reason, detail: decoded.detail });
    else if (matches.length > 0) part.matched.push({ message, signal: decoded.signal, matches });
    else part.unmatched.push(message);
  }
  if (from < messages.length) yield { ...part, chunk: { ...chunk, messages: messages.slice(from) } };
}

function emptyPart(): { matched: MatchedRecord[]; unmatched: IncomingMessage[]; dead: UndecodableRecord[] } {
  return { matched: [], unmatched: [], dead: [] };
}
