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

/** What engaging a halt did at once, by modes `cancel` and `flatten`. */
export interface EngagedHalt {
  readonly halt: HaltRecord;
  readonly cancelledExecutions: number;
  readonly cancelledOrders: number;
  /** Closing orders made; they are filled like every market order, at the next bar. */
  readonly closingOrders: number;
}

export interface HaltFilter extends PageRequest {
  readonly isActive?: boolean | undefined;
  /** Only what concerns this user: his own halts, those of his pipelines, and those of level global, ticker and venue. */
  readonly userId?: string | undefined;
}
