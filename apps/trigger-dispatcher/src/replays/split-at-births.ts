import type { MatchIndex } from '@tripline/matching';
import type { Match, Signal } from '@tripline/triggers';
import type { IncomingChunk } from '@tripline/messaging';

/** Creation times of pipelines, epoch ms by id. */
export type Births = ReadonlyMap<string, number>;

/**
 * Splits a chunk at the creation times of pipelines, and matches each part only with the pipelines that existed then. A signal
 * must not start a pipeline that was created after it.
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

/** The index without the pipelines that did not exist yet. */
export function onlyExisting(
  index: Pick<MatchIndex, 'match'>,
  existedAt: (pipelineId: string) => boolean,
): { match(signal: Signal): readonly Match[] } {
  return { match: (signal) => index.match(signal).filter(({ pipeline }) => existedAt(pipeline.id)) };
}
