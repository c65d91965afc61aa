export const INTENT_STATES = ['intent', 'submitted', 'acked', 'rejected', 'abandoned'] as const;
export type IntentState = (typeof INTENT_STATES)[number];
