/** Every possible outcome of a (trigger, matching pipeline) pair; the closed list of the decision log. */
export const DECISION_OUTCOMES = [
  'TRIGGERED',
  'COALESCED',
  'SKIPPED_ACTIVE',
  'SKIPPED_COOLDOWN',
  'SKIPPED_MARKET_CLOSED',
  'SKIPPED_QUOTA',
  'SKIPPED_RISK_HALT',
  'SKIPPED_QUALITY',
  'EXPIRED',
] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];
