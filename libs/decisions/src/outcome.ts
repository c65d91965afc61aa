/** Every way a (trigger, matching pipeline) pair can end; the closed list of the ledger. */
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
