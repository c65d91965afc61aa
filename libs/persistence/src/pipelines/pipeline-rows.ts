import type { Pipeline } from '@tripline/domain';

import type { PipelineDefinition } from './pipeline-records';

/** The stored document of a version: the definition in the domain's own words. */
export function definitionOf(pipeline: PipelineDefinition): PipelineDefinition {
  return {
    name: pipeline.name,
    triggerMode: pipeline.triggerMode,
    isActive: pipeline.isActive,
    tickers: pipeline.tickers,
    scannerId: pipeline.scannerId,
    subscriptions: pipeline.subscriptions,
    overlapPolicy: pipeline.overlapPolicy,
    cooldownMs: pipeline.cooldownMs,
    maxSignalAgeMs: pipeline.maxSignalAgeMs,
    schedule: pipeline.schedule,
    agents: pipeline.agents,
    mode: pipeline.mode,
  };
}

/** The domain pipeline of a stored version; only this library writes `pipeline_versions.definition`. */
export function pipelineOf(id: string, version: number, userId: string, definition: unknown): Pipeline {
  return { ...(definition as PipelineDefinition), id, version, userId };
}
