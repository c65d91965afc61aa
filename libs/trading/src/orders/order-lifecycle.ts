import { createLifecycle } from './lifecycle';

/** What can happen to an order. `fill_part` leaves a quantity open, `fill_rest` leaves none. */
export type OrderEvent = 'fill_part' | 'fill_rest' | 'cancel' | 'reject' | 'expire';

const FILLS = { fill_part: 'partially_filled', fill_rest: 'filled' } as const;
const ENDS = { cancel: 'cancelled', expire: 'expired' } as const;

const TRANSITIONS = {
  accepted: { ...FILLS, ...ENDS, reject: 'rejected' },
  // A venue cannot reject what it has traded; the rest can only be cancelled or expire.
  partially_filled: { ...FILLS, ...ENDS },
  filled: {},
  cancelled: {},
  rejected: {},
  expired: {},
} as const satisfies Record<string, Partial<Record<OrderEvent, string>>>;

export type OrderStatus = keyof typeof TRANSITIONS;

/**
 * Every order status and transition. A new status is one line in the table and a migration that widens the CHECK
 * constraint and the index of open orders; an integration test compares both with the table.
 */
export const ORDER_LIFECYCLE = createLifecycle<OrderStatus, OrderEvent>(TRANSITIONS);
