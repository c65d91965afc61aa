import { parseTimeframe } from '@tripline/market';
import { z } from 'zod';

/** Parses a timeframe label of the mock market into milliseconds. */
export const mockTimeframeMs = z
  .string()
  .default('1m')
  .transform((label, context) => {
    try {
      return parseTimeframe(label).approximateMs;
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a timeframe such as 1m, 5m, 1h or 1d' });
      return z.NEVER;
    }
  });
