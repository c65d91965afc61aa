import type { Pipeline } from '@tripline/triggers';

/** Maximum number of remembered parts. Beyond it, the cache is cleared. */
const MAX_PARTS = 50_000;

/**
 * Makes pipelines share equal parts (settings, subscriptions, tickers). Most users keep the defaults, so this saves
 * most of the memory of a large index. Pipelines are immutable, so sharing cannot be observed.
 */
export function createPartSharing(): (pipeline: Pipeline) => Pipeline {
  const parts = new Map<string, unknown>();
  const share = <Part>(part: Part): Part => {
    if (part === null) return part;
    const text = typeof part === 'string' ? part : JSON.stringify(part);
    const known = parts.get(text);
    if (known !== undefined) return known as Part;
    if (parts.size >= MAX_PARTS) parts.clear();
    parts.set(text, part);
    return part;
  };
  return (pipeline) => ({
    id: pipeline.id,
    version: pipeline.version,
    userId: share(pipeline.userId),
    name: pipeline.name,
    triggerMode: share(pipeline.triggerMode),
    isActive: pipeline.isActive,
    tickers: share(pipeline.tickers),
    scannerId: share(pipeline.scannerId),
    subscriptions: share(pipeline.subscriptions),
    rule: share(pipeline.rule),
    overlap: share(pipeline.overlap),
    cooldownMs: pipeline.cooldownMs,
    maxSignalAgeMs: pipeline.maxSignalAgeMs,
    signalAgeFrom: share(pipeline.signalAgeFrom),
    market: share(pipeline.market),
    minQuality: pipeline.minQuality,
    venue: share(pipeline.venue),
    schedule: share(pipeline.schedule),
    agents: share(pipeline.agents),
    mode: share(pipeline.mode),
  });
}
