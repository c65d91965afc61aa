import type { OrderStatus } from '@tripline/domain';

import type { Database } from '../database/database';
import type { Page, PageRequest, Viewer } from '../database/page';
import type { AccountRecord, FillRecord, OrderRecord, PositionRecord } from './order-records';

export interface OrderFilter extends PageRequest {
  readonly pipelineId?: string | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
}

export interface OrderRepository {
  list(viewer: Viewer, filter?: OrderFilter): Promise<Page<OrderRecord>>;
  find(viewer: Viewer, clientOrderId: string): Promise<(OrderRecord & { fills: readonly FillRecord[] }) | null>;
  listPositions(
    viewer: Viewer,
    filter?: { readonly pipelineId?: string | undefined },
  ): Promise<readonly PositionRecord[]>;
  findAccount(viewer: Viewer, pipelineId: string): Promise<AccountRecord | null>;
}

export declare function createOrderRepository(database: Database): OrderRepository;
