import type { PipelineInput } from '@tripline/contracts';
import { pipelineInputSchema } from '@tripline/contracts';
import type { z } from 'zod';

export interface DemoScanner {
  readonly name: string;
  readonly tickers: readonly string[];
}
export interface DemoPipeline {
  /** Name of a scanner of the same user, instead of tickers. */
  readonly scanner?: string;
  readonly input: PipelineInput;
}
export interface DemoUser {
  readonly email: string;
  readonly scanners: readonly DemoScanner[];
  readonly pipelines: readonly DemoPipeline[];
}

const DAY_SECONDS = 86_400;

/** Replayed history is old by its event time: here a signal's age counts from when the broker took it. */
const pipeline = (input: z.input<typeof pipelineInputSchema>, scanner?: string): DemoPipeline => ({
  scanner,
  input: pipelineInputSchema.parse({ signal_age_from: 'append', ...input }),
});

/** Two traders whose pipelines differ in tickers, types, thresholds, directions, cooldown, schedule and state. */
export const DEMO_USERS: readonly DemoUser[] = [
  {
    email: 'alice@tripline.local',
    scanners: [{ name: 'US index', tickers: ['^SPX'] }],
    pipelines: [
      pipeline({ name: 'Golden cross, S&P 500', signal_subscriptions: [{ signal_type: 'golden_cross' }] }, 'US index'),
      pipeline({
        name: 'MACD momentum, one trade a week',
        tickers: ['^SPX'],
        signal_subscriptions: [{ signal_type: 'macd_cross', min_confidence: 20 }],
        cooldown_seconds: 7 * DAY_SECONDS,
      }),
      pipeline({
        name: 'Buy the dip',
        tickers: ['^SPX'],
        signal_subscriptions: [{ signal_type: 'rsi_oversold', min_confidence: 10, direction: 'BULLISH' }],
        agents: { bias: { fast_period: 5, slow_period: 20 }, risk_manager: { allow_short: false } },
      }),
      pipeline({
        name: 'Death cross (switched off)',
        is_active: false,
        tickers: ['^SPX'],
        signal_subscriptions: [{ signal_type: 'death_cross' }],
      }),
      pipeline({
        name: 'Look every minute',
        trigger_mode: 'periodic',
        tickers: ['^SPX'],
        schedule: { cron: '* * * * *', time_zone: 'America/New_York' },
      }),
    ],
  },
  {
    email: 'bob@tripline.local',
    scanners: [{ name: 'Big tech', tickers: ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT'] }],
    pipelines: [
      pipeline({
        name: 'Breakouts up, any strength',
        tickers: ['^SPX'],
        signal_subscriptions: [
          { signal_type: 'donchian_breakout', direction: 'BULLISH' },
          { signal_type: 'bollinger_breakout', direction: 'BULLISH' },
        ],
        cooldown_seconds: 10 * DAY_SECONDS,
      }),
      pipeline({ name: 'Everything on big tech', agents: { bias: { fast_period: 3, slow_period: 10 } } }, 'Big tech'),
      pipeline({
        name: 'Strong volume spikes, long only',
        tickers: ['^SPX', 'MSFT'],
        signal_subscriptions: [{ signal_type: 'volume_spike', min_confidence: 40 }],
        agents: { risk_manager: { allow_short: false, risk_per_trade_percent: 0.5 } },
      }),
      pipeline({ name: 'Mock load', tickers: ['MOCK-01', 'MOCK-02'], cooldown_seconds: 300 }),
    ],
  },
];
