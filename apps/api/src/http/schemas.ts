import { z } from 'zod';

export const MAX_PAGE_SIZE = 100;

/** An instant on the wire: ISO 8601, UTC, milliseconds. */
export const instantSchema = z.iso.datetime().describe('ISO 8601, UTC');

/** Money and quantities travel as decimal strings, never as floats. */
export const decimalSchema = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe('decimal number as a string');

export const idParamsSchema = z.strictObject({ id: z.uuid() });

/** Query of a paged list. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(50),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/, 'take the cursor from `next_cursor` of the page before')
    .optional(),
});

/** An instant in a query: ISO 8601 with time zone, parsed to epoch ms. */
export const queryInstantSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .describe('ISO 8601 with time zone');

/** One page of items, newest first unless the route says otherwise. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().describe('null on the last page'),
  });
}
