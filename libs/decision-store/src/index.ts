export {
  createDecisionLogRetention,
  type DecisionLogRetention,
  type PurgeResult,
} from './decisions/decision-log-retention';
export type {
  ChunkRecord,
  ChunkResult,
  CreatedExecution,
  DecisionChunk,
  DecisionLogEntry,
  DirectTrigger,
} from './decisions/decision-records';
export { createDecisionRepository, type DecisionRepository } from './decisions/decision-repository';
export { createDecisionStore, type DecisionStore } from './decisions/decision-store';
export { NEAR_MISSES_PER_PIPELINE, type NearMissRecord, type WhyEntry } from './near-misses/near-miss-records';
export { createNearMissStore, type NearMissStore } from './near-misses/near-miss-store';
export { createWhyRepository, type WhyRepository } from './near-misses/why-repository';
export { createReplayStore } from './replays/replay-store';
export { createRuleStore, type FiredRules, type RuleStore } from './rules/rule-store';
export { type CrashGuard, type CrashGuardStore, createCrashGuardStore } from './signals/crash-guard-store';
export {
  createSignalRepository,
  type DeadSignalRecord,
  type SignalRecord,
  type SignalRepository,
} from './signals/signal-repository';
export { createSimulationStore, type LogRange, type SimulationStore } from './simulations/simulation-store';
