import { Money, Price, Quantity } from '@tripline/trading';
import type { OrderRepository, PositionRecord } from '@tripline/trading-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { decimalSchema, instantSchema } from '../http/schemas';

export interface PositionRoutesOptions {
  orders: Pick<OrderRepository, 'listPositions'>;
}

const positionSchema = z
  .object({
    pipeline_id: z.uuid(),
    ticker: z.string(),
    quantity: decimalSchema.describe('signed: negative is short'),
    average_price: decimalSchema.describe('average cost; 0 when flat'),
    cost_basis: decimalSchema.describe('quantity × average price'),
    realised_pnl: decimalSchema.describe('on the closed quantity, before fees'),
    fees: decimalSchema,
    net_pnl: decimalSchema.describe('realised profit and loss after fees'),
    updated_at: instantSchema,
  })
  .meta({ id: 'Position' });

/** Positions of the caller's paper accounts. Every pipeline has its own account. */
export function registerPositionRoutes(app: ApiApp, { orders }: PositionRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/positions',
    schema: {
      tags: ['positions'],
      summary: 'List your positions with profit and loss',
      querystring: z.strictObject({ pipeline_id: z.uuid().optional() }),
      response: {
        200: z.object({ items: z.array(positionSchema) }),
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED'),
      },
    },
    handler: async (request) => {
      const positions = await orders.listPositions(viewerOf(request), { pipelineId: request.query.pipeline_id });
      return { items: positions.map(positionResource) };
    },
  });
}

function positionResource(position: PositionRecord): z.output<typeof positionSchema> {
  const costBasis = Price.of(position.averagePrice).times(Quantity.of(position.quantity));
  const net = Money.of(position.realisedPnl).minus(Money.of(position.fees));
  return {
    pipeline_id: position.pipelineId,
    ticker: position.ticker,
    quantity: position.quantity,
    average_price: position.averagePrice,
    cost_basis: costBasis.toString(),
    realised_pnl: position.realisedPnl,
    fees: position.fees,
    net_pnl: net.toString(),
    updated_at: new Date(position.updatedAt).toISOString(),
  };
}
