import { HALT_LEVELS } from '@tripline/risk';

/**
 * Why an execution ends as `skipped`, by its `stop_reason`: at its start or before its order (too old, halted, switched
 * off), or while it waited in its pipeline's queue (`queue_ttl_expired`, `superseded`).
 */
export const EXECUTION_DENIALS = [
  'signal_too_old',
  'pipeline_inactive',
  ...HALT_LEVELS.map((level) => `halted_${level}` as const),
  'venue_not_permitted',
  'venue_not_configured',
  'queue_ttl_expired',
  'superseded',
] as const;
export type ExecutionDenial = (typeof EXECUTION_DENIALS)[number];
