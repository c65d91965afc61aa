import type { Halt, HaltLevel, HaltMode } from '@tripline/risk';

import type { PageRequest } from '@tripline/paging';

/** A halt with its audit trail. Times are epoch ms. */
export interface HaltRecord extends Halt {
  readonly engagedBy: string;
  readonly engagedAt: number;
  readonly liftedBy: string | null;
  readonly liftedAt: number | null;
  readonly liftReason: string | null;
}

export interface NewHalt {
  readonly level: HaltLevel;
  /** Empty for `global`. */
  readonly subject: string;
  readonly mode: HaltMode;
  readonly reason: string;
  /** User id. */
  readonly engagedBy: string;
}

/** Immediate effects of engaging a halt, for modes `cancel` and `flatten`. */
export interface EngagedHalt {
  readonly halt: HaltRecord;
  readonly cancelledExecutions: number;
  readonly cancelledOrders: number;
  /** Closing orders created. They fill like every market order, at the next bar. */
  readonly closingOrders: number;
}

export interface HaltFilter extends PageRequest {
  readonly isActive?: boolean | undefined;
  /**
   * Only halts that concern this user: their own, those of their pipelines, and those of level global, ticker and
   * venue.
   */
  readonly userId?: string | undefined;
}
