import type { Fill } from '@tripline/domain';

import type { Database } from '../database/database';
import type { OrderRecord } from './order-records';

export interface RestingOrderStore {
  /** Accepted orders without a fill, oldest first. */
  loadRestingOrders(limit: number): Promise<readonly OrderRecord[]>;
  /** Books the fill of a resting order on its account; false when it no longer rests. */
  fillRestingOrder(fill: Fill): Promise<boolean>;
}

export declare function createRestingOrderStore(database: Database): RestingOrderStore;
