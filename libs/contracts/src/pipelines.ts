import { MARKET_CALENDARS, MARKET_SESSIONS, SIGNAL_DIRECTIONS, TICKER_PATTERN, TICKER_RULE } from '@tripline/market';
import { PAPER_VENUE } from '@tripline/risk';
import {
  CATCH_UP_POLICIES,
  OVERLAP_KEYS,
  OVERLAP_POLICIES,
  PIPELINE_MODES,
  RULE_KINDS,
  SIGNAL_AGE_ORIGINS,
  TRIGGER_MODES,
} from '@tripline/triggers';
import { z } from 'zod';

/** Lower snake case, 1..64 characters. */
export const SIGNAL_TYPE_PATTERN = /^[a-z][a-z0-9_]{0,63}$/;

/** A canonical ticker: upper case, 1..32 characters, e.g. `^SPX`, `BTC-USD`, `BRK.B`. */
export const tickerSchema = z.string().regex(TICKER_PATTERN, TICKER_RULE);

/** A signal type: lower snake case, 1..64 characters. */
export const signalTypeSchema = z
  .string()
  .regex(SIGNAL_TYPE_PATTERN, 'a signal type is lower snake case, at most 64 characters');

/** What a pipeline watches: a ticker, `*` for every ticker, or a prefix such as `BTC-*`. */
export const watchedTickerSchema = z
  .string()
  .regex(
    /^(?:\*|[A-Z0-9^][A-Z0-9.\-_/=^]{0,30}[A-Z0-9.\-_/=^*]|[A-Z0-9^])$/,
    'must be a ticker, *, or a pattern such as BTC-*',
  );

/** The name of a venue: lower case, 1..32 characters. */
export const venueNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a venue is lower case, at most 32 characters');

export const signalSubscriptionSchema = z.strictObject({
  signal_type: signalTypeSchema.optional().describe('default: every type'),
  min_confidence: z.number().min(0).max(100).default(0).describe('0 to 100, inclusive'),
  direction: z.enum(SIGNAL_DIRECTIONS).optional().describe('default: every direction'),
  source: z.string().min(1).max(100).optional().describe('exact source of the signal; default: every source'),
});

const MAX_RULE_WINDOW_SECONDS = 366 * 86_400;

/** A rule over several signals of one ticker, within a window of event time. */
export const signalRuleSchema = z.strictObject({
  kind: z
    .enum(RULE_KINDS)
    .describe(
      'all: every condition; any: one condition; n_of: count conditions; sequence: all conditions in this order; absence: the ' +
        'condition, followed by none of none_of within the window',
    ),
  conditions: z.array(signalSubscriptionSchema).min(1).max(8).describe('each signal can satisfy one condition'),
  count: z.int().min(1).max(8).optional().describe('n_of only'),
  within_seconds: z.number().gt(0).max(MAX_RULE_WINDOW_SECONDS).describe('window of event time'),
  none_of: z.array(signalSubscriptionSchema).max(8).default([]).describe('signals that must not occur in the window'),
});

/** A schedule: a cron expression, or `at` a time relative to a market session. */
export const scheduleSchema = z.strictObject({
  cron: z
    .string()
    .min(1)
    .max(120)
    .nullable()
    .default(null)
    .describe('cron expression in time_zone, e.g. `30 9 * * 1-5`; alternative to at'),
  at: z
    .string()
    .min(1)
    .max(32)
    .nullable()
    .default(null)
    .describe('once per market session, e.g. `open`, `open+5m`, `close-10m`, `close+1h`; alternative to cron'),
  calendar: z
    .string()
    .min(1)
    .max(32)
    .nullable()
    .default(null)
    .describe(`market calendar for at: ${MARKET_CALENDARS.join(', ')}`),
  time_zone: z
    .string()
    .min(1)
    .max(64)
    .default('UTC')
    .describe("IANA time zone for cron; at uses the market's time zone"),
  catch_up: z
    .enum(CATCH_UP_POLICIES)
    .default('latest')
    .describe('what to do about scheduled times missed during an outage: skip them, start the latest, or start all'),
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
  tickers: z.array(watchedTickerSchema).max(500).default([]).describe('alternative to scanner_id'),
  signal_subscriptions: z.array(signalSubscriptionSchema).max(50).default([]).describe('empty: every signal'),
  signal_rule: signalRuleSchema
    .nullable()
    .default(null)
    .describe('combines several signals of one ticker into one trigger; replaces signal_subscriptions'),
  overlap_policy: z
    .enum(OVERLAP_POLICIES)
    .default('skip')
    .describe('what happens to a trigger while an execution with the same overlap_key is active'),
  overlap_key: z
    .enum(OVERLAP_KEYS)
    .default('pipeline')
    .describe('which executions must not overlap: all of the pipeline, or those on the same ticker'),
  overlap_limit: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('queue: maximum waiting triggers; parallel: maximum concurrent executions'),
  overlap_ttl_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(0)
    .describe('maximum wait in a queue; 0: no limit'),
  cooldown_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(0)
    .describe('minimum event time between two executions; 0: none'),
  max_signal_age_seconds: z
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(300)
    .describe('older signals start no execution and send no order; 0: no limit'),
  signal_age_from: z
    .enum(SIGNAL_AGE_ORIGINS)
    .default('event')
    .describe('measure the age from the event time, or from the publish time (for replayed history)'),
  market_hours: z
    .strictObject({
      calendar: z.string().min(1).max(32).describe(MARKET_CALENDARS.join(', ')),
      session: z.enum(MARKET_SESSIONS).default('regular').describe('extended: includes pre- and post-market'),
    })
    .nullable()
    .default(null)
    .describe('triggers at other times are skipped; null: at any time'),
  min_quality: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe('minimum data quality of a signal, 0 to 1; null: any'),
  venue: venueNameSchema
    .default(PAPER_VENUE)
    .describe('where orders go: `paper`, `paper-<name>`, or a venue granted to you (GET /api/venues)'),
  schedule: scheduleSchema.nullable().default(null).describe('periodic pipelines only'),
  agents: agentSettingsSchema.prefault({}),
  mode: z.enum(PIPELINE_MODES).default('paper'),
});
export type PipelineInput = z.infer<typeof pipelineInputSchema>;
