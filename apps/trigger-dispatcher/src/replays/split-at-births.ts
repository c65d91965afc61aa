import type { MatchIndex } from '@tripline/matching';
import type { Match, Signal } from '@tripline/triggers';
import type { IncomingChunk } from '@tripline/messaging';

/** When pipelines were made, epoch ms by id. */
export type Births = ReadonlyMap<string, number>;

/**
 * Handles a chunk in parts between which no pipeline was made, each matched with the pipelines that existed then: a pipeline
 * made since must not be started by signals from before its time.
 */
export async function splitAtBirths(
  chunk: IncomingChunk,
  births: Births,
  handle: (part: IncomingChunk, existedAt: (pipelineId: string) => boolean) => Promise<void>,
): Promise<void> {
  const sorted = [...new Set(births.values())].sort((a, b) => a - b);
  let from = 0;
  while (from < chunk.messages.length) {
    const appendedAt = chunk.messages[from]?.timestampMs ?? 0;
    const nextBirth = sorted.find((birth) => birth > appendedAt) ?? Infinity;
    let end = from + 1;
    while (end < chunk.messages.length && isBetween(chunk.messages[end]?.timestampMs ?? 0, appendedAt, nextBirth))
      end += 1;
    await handle({ ...chunk, messages: chunk.messages.slice(from, end) }, (id) => (births.get(id) ?? 0) <= appendedAt);
    from = end;
  }
}

function isBetween(timestampMs: number, from: number, to: number): boolean {
  return timestampMs >= from && timestampMs < to;
}

/** The index without the pipelines that did not exist. */
export function onlyExisting(
  index: Pick<MatchIndex, 'match'>,
  existedAt: (pipelineId: string) => boolean,
): { match(signal: Signal): readonly Match[] } {
  return { match: (signal) => index.match(signal).filter(({ pipeline }) => existedAt(pipeline.id)) };
}
