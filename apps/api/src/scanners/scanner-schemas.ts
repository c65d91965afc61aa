import { tickerSchema } from '@tripline/contracts';
import type { ScannerRecord } from '@tripline/pipeline-store';
import { z } from 'zod';

import { instantSchema } from '../http/schemas';

const tickers = z
  .array(tickerSchema)
  .min(1)
  .max(500)
  .refine((list) => new Set(list).size === list.length, 'a ticker is named twice');

export const scannerBody = z
  .strictObject({ name: z.string().trim().min(1).max(120), tickers })
  .meta({ id: 'ScannerDefinition' });

export const scannerPatchBody = z
  .strictObject({ name: scannerBody.shape.name.optional(), tickers: tickers.optional() })
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one of name, tickers')
  .meta({ id: 'ScannerPatch' });

export const scannerSchema = z
  .object({
    id: z.uuid(),
    version: z.int(),
    name: z.string(),
    tickers: z.array(z.string()),
    created_at: instantSchema,
    updated_at: instantSchema,
  })
  .meta({ id: 'Scanner' });

export function scannerResource(record: ScannerRecord): z.output<typeof scannerSchema> {
  return {
    id: record.id,
    version: record.version,
    name: record.name,
    tickers: [...record.tickers],
    created_at: new Date(record.createdAt).toISOString(),
    updated_at: new Date(record.updatedAt).toISOString(),
  };
}
