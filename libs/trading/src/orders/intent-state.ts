import { createLifecycle } from './lifecycle';

/**
 * What can happen to an order intent. `withdraw` drops an intent that was never sent; `abandon` drops one that was
 * sent and that the broker does not know.
 */
export type IntentEvent = 'submit' | 'acknowledge' | 'reject' | 'withdraw' | 'abandon';

const ANSWERS = { acknowledge: 'acked', reject: 'rejected' } as const;

const TRANSITIONS = {
  intent: { ...ANSWERS, submit: 'submitted', withdraw: 'abandoned' },
  submitted: { ...ANSWERS, abandon: 'abandoned' },
  acked: {},
  rejected: {},
  abandoned: {},
} as const satisfies Record<string, Partial<Record<IntentEvent, string>>>;

export type IntentState = keyof typeof TRANSITIONS;

/** Every state of an order intent and its transitions; SQL and the chaos simulation read the same table. */
export const INTENT_LIFECYCLE = createLifecycle<IntentState, IntentEvent>(TRANSITIONS);
