import type { PipelineInput } from '@tripline/contracts';
import { pipelineInputSchema } from '@tripline/contracts';
import type { z } from 'zod';

export interface DemoScanner {
  readonly name: string;
  readonly tickers: readonly string[];
}
export interface DemoPipeline {
  /** Name of one of the user's scanners, in place of tickers. */
  readonly scanner?: string;
  readonly input: PipelineInput;
}
export interface DemoUser {
  readonly email: string;
  readonly scanners: readonly DemoScanner[];
  readonly pipelines: readonly DemoPipeline[];
}

const DAY_SECONDS = 86_400;

/** Replayed signals have old event times, so the demo measures a signal's age from when Kafka appended it. */
const pipeline = (input: z.input<typeof pipelineInputSchema>, scanner?: string): DemoPipeline => ({
  scanner,
  input: pipelineInputSchema.parse({ signal_age_from: 'append', ...input }),
});

/** The tickers that the demo's pipelines can watch. */
export interface DemoTickers {
  /** Tickers of the user's own history; null for the bundled history. */
  readonly history: readonly string[] | null;
  /** Tickers of the mock signals. */
  readonly mock: readonly string[];
}

const BUNDLED_MOCK = ['MOCK-01', 'MOCK-02', 'MOCK-03', 'MOCK-04'];
const BIG_TECH = ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT'];
/** Limit of tickers in one pipeline; with more, the pipeline watches every ticker. */
const MAX_TICKERS = 500;

/** The tickers and names of one set of pipelines. */
interface Watched {
  readonly index: readonly string[];
  readonly bigTech: readonly string[];
  readonly volume: readonly string[];
  /** Ticker of the periodic pipeline. */
  readonly first: string;
  readonly mock: readonly string[];
  readonly mockName: string;
  /** Returns `bundled` for the bundled history, else `base` followed by the user's tickers. */
  name(base: string, bundled?: string): string;
}

/**
 * Two traders whose pipelines differ in tickers, types, thresholds, directions, cooldown, schedule and state. With the user's
 * own history they watch its tickers and are named after them; pipelines for other data stay unchanged.
 */
export function createDemoUsers({ history, mock }: DemoTickers): readonly DemoUser[] {
  const own = history === null || history.length <= MAX_TICKERS ? history : ['*'];
  const watched: Watched = {
    index: own ?? ['^SPX'],
    bigTech: own ?? BIG_TECH,
    volume: own ?? ['^SPX', 'MSFT'],
    first: history?.[0] ?? '^SPX',
    mock: isBundledMock(mock) ? mock.slice(0, 2) : mock,
    mockName: isBundledMock(mock) ? 'Mock load' : `Mock load, ${labelOf(mock)}`,
    name: (base, bundled = base) => (history === null ? bundled : `${base}, ${labelOf(history)}`),
  };
  const { index, bigTech, name } = watched;
  // A scanner lists tickers; it does not accept patterns.
  const scanned = history?.slice(0, MAX_TICKERS);
  return [
    {
      email: 'alice@tripline.local',
      scanners: [{ name: name('Your data', 'US index'), tickers: scanned ?? index }],
      pipelines: alicesPipelines(watched),
    },
    {
      email: 'bob@tripline.local',
      scanners: [{ name: name('Everything', 'Big tech'), tickers: scanned ?? bigTech }],
      pipelines: bobsPipelines(watched),
    },
  ];
}

function alicesPipelines({ index, first, name }: Watched): DemoPipeline[] {
  return [
    pipeline(
      {
        name: name('Golden cross', 'Golden cross, S&P 500'),
        signal_subscriptions: [{ signal_type: 'golden_cross' }],
      },
      name('Your data', 'US index'),
    ),
    pipeline({
      name: name('MACD momentum, one trade a week'),
      tickers: [...index],
      signal_subscriptions: [{ signal_type: 'macd_cross', min_confidence: 20 }],
      cooldown_seconds: 7 * DAY_SECONDS,
    }),
    pipeline({
      name: name('Buy the dip'),
      tickers: [...index],
      signal_subscriptions: [{ signal_type: 'rsi_oversold', min_confidence: 10, direction: 'BULLISH' }],
      agents: { bias: { fast_period: 5, slow_period: 20 }, risk_manager: { allow_short: false } },
    }),
    pipeline({
      name: name('Death cross (switched off)'),
      is_active: false,
      tickers: [...index],
      signal_subscriptions: [{ signal_type: 'death_cross' }],
    }),
    pipeline({
      name: name('Look every minute'),
      trigger_mode: 'periodic',
      tickers: [first],
      schedule: { cron: '* * * * *', time_zone: 'America/New_York' },
    }),
  ];
}

function bobsPipelines({ index, volume, mock, mockName, name }: Watched): DemoPipeline[] {
  return [
    pipeline({
      name: name('Breakouts up, any strength'),
      tickers: [...index],
      signal_subscriptions: [
        { signal_type: 'donchian_breakout', direction: 'BULLISH' },
        { signal_type: 'bollinger_breakout', direction: 'BULLISH' },
      ],
      cooldown_seconds: 10 * DAY_SECONDS,
    }),
    pipeline(
      {
        name: name('Everything', 'Everything on big tech'),
        agents: { bias: { fast_period: 3, slow_period: 10 } },
      },
      name('Everything', 'Big tech'),
    ),
    pipeline({
      name: name('Strong volume spikes, long only'),
      tickers: [...volume],
      signal_subscriptions: [{ signal_type: 'volume_spike', min_confidence: 40 }],
      agents: { risk_manager: { allow_short: false, risk_per_trade_percent: 0.5 } },
    }),
    pipeline({ name: mockName, tickers: [...mock], cooldown_seconds: 300 }),
  ];
}

function isBundledMock(mock: readonly string[]): boolean {
  return mock.join() === BUNDLED_MOCK.join();
}

/** The first three tickers and the number of others, short enough for a name. */
function labelOf(tickers: readonly string[]): string {
  const named = tickers.slice(0, 3).join(', ').slice(0, 70);
  return tickers.length > 3 ? `${named} and ${tickers.length - 3} more` : named;
}

/** What the demo watches when it replays the bundled history. */
export const BUNDLED_TICKERS: DemoTickers = { history: null, mock: BUNDLED_MOCK };
