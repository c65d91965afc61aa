import { OVERLAP_POLICIES, PIPELINE_MODES, SIGNAL_DIRECTIONS, TRIGGER_MODES } from '@tripline/domain';
import { z } from 'zod';

/** 1..32 characters, the first a letter, digit or ^. */
export const TICKER_PATTERN = /^[A-Z0-9^][A-Z0-9.\-_/=^]{0,31}$/;
/** Lower snake case, 1..64 characters. */
export const SIGNAL_TYPE_PATTERN = /^[a-z][a-z0-9_]{0,63}$/;

/** A canonical ticker: upper case, 1..32 characters, e.g. `^SPX`, `BTC-USD`, `BRK.B`. */
export const tickerSchema = z
  .string()
  .regex(TICKER_PATTERN, 'a ticker has 1 to 32 upper-case letters, digits or ^ . - _ / =');

/** A signal type: lower snake case, 1..64 characters. */
export const signalTypeSchema = z
  .string()
  .regex(SIGNAL_TYPE_PATTERN, 'a signal type is lower snake case, at most 64 characters');

export const signalSubscriptionSchema = z.strictObject({
  signal_type: signalTypeSchema,
  min_confidence: z.number().min(0).max(100).default(0),
  direction: z.enum(SIGNAL_DIRECTIONS).optional(),
});

export const agentSettingsSchema = z.strictObject({
  market_data: z.strictObject({ lookback_bars: z.int().min(30).max(1000).default(250) }).prefault({}),
  bias: z
    .strictObject({
      fast_period: z.int().min(2).max(200).default(20),
      slow_period: z.int().min(3).max(400).default(50),
    })
    .refine((bias) => bias.fast_period < bias.slow_period, 'fast_period must be less than slow_period')
    .prefault({}),
  strategy: z
    .strictObject({
      atr_period: z.int().min(2).max(100).default(14),
      stop_atr_multiple: z.number().gt(0).max(20).default(2),
      target_risk_multiple: z.number().gt(0).max(20).default(2),
    })
    .prefault({}),
  risk_manager: z
    .strictObject({
      risk_per_trade_percent: z.number().gt(0).max(100).default(1),
      max_position_percent: z.number().gt(0).max(100).default(25),
      allow_short: z.boolean().default(true),
    })
    .prefault({}),
});

/** What a user sends to create or replace a pipeline; the wire form is snake case. */
export const pipelineInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(120),
  trigger_mode: z.enum(TRIGGER_MODES).default('signal'),
  is_active: z.boolean().default(true),
  scanner_id: z.uuid().nullable().default(null),
  tickers: z.array(tickerSchema).max(500).default([]),
  signal_subscriptions: z.array(signalSubscriptionSchema).max(50).default([]),
  overlap_policy: z.enum(OVERLAP_POLICIES).default('skip'),
  cooldown_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(0),
  max_signal_age_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(300),
  schedule: z
    .strictObject({ cron: z.string().min(1).max(120), time_zone: z.string().min(1).max(64).default('UTC') })
    .nullable()
    .default(null),
  agents: agentSettingsSchema.prefault({}),
  mode: z.enum(PIPELINE_MODES).default('paper'),
});
export type PipelineInput = z.infer<typeof pipelineInputSchema>;
