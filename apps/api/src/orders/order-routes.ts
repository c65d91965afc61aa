import { ORDER_STATUSES } from '@tripline/trading';
import type { OrderRepository } from '@tripline/trading-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { pageQuerySchema, pageSchema } from '../http/schemas';
import { fillResource, fillSchema, orderResource, orderSchema } from './order-schemas';

export interface OrderRoutesOptions {
  orders: Pick<OrderRepository, 'list' | 'find'>;
}

const listQuery = pageQuerySchema.extend({
  pipeline_id: z.uuid().optional(),
  status: z.enum(ORDER_STATUSES).optional(),
});

const orderParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'this is no order id') });

/** Orders of the caller's pipelines. */
export function registerOrderRoutes(app: ApiApp, { orders }: OrderRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/orders',
    schema: {
      tags: ['orders'],
      summary: 'List your orders, newest first',
      querystring: listQuery,
      response: {
        200: pageSchema(orderSchema).meta({ id: 'OrderPage' }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED'),
      },
    },
    handler: async (request) => {
      const { limit, cursor, pipeline_id: pipelineId, status } = request.query;
      const statuses = status === undefined ? undefined : [status];
      const page = await orders.list(viewerOf(request), { limit, cursor, pipelineId, statuses });
      return { items: page.items.map(orderResource), next_cursor: page.nextCursor };
    },
  });
  app.route({
    method: 'GET',
    url: '/api/orders/:id',
    schema: {
      tags: ['orders'],
      summary: 'Get an order with its fills',
      params: orderParams,
      response: {
        200: orderSchema.extend({ fills: z.array(fillSchema) }).meta({ id: 'OrderDetail' }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    handler: async (request) => {
      const order = found(await orders.find(viewerOf(request), request.params.id), 'order');
      return { ...orderResource(order), fills: order.fills.map(fillResource) };
    },
  });
}
