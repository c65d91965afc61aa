import type { Bar, SignalDirection } from '@tripline/market';
import { Sma, TrueRange } from '@tripline/indicators';
import type { AgentSettings } from '@tripline/triggers';
import { costOf } from './agent-cost';
import type { AgentResult, Bias, BiasOutput } from './agent-result';
import { SLOPE_BARS } from './market-data';

/** Weights of the three parts of the score; they sum to 1. */
const BIAS_WEIGHTS = { signal: 0.6, trend: 0.25, slope: 0.15 } as const;
/** Scores nearer to 0 than this are NEUTRAL. */
const NEUTRAL_BELOW = 20;

export interface BiasInput {
  readonly settings: AgentSettings;
  /** Closed bars as of the event time, oldest first; at least `requiredBars`. */
  readonly bars: readonly Bar[];
  /** What the signal says; null for periodic and manual executions, which use the trend alone. */
  readonly signal: { readonly direction: SignalDirection; readonly confidence: number } | null;
}

const SIGN_OF: Readonly<Record<SignalDirection, number>> = { BULLISH: 1, BEARISH: -1, NEUTRAL: 0 };

/**
 * Weighs the signal against the trend. With r = mean true range of the bars considered (the noise of one bar):
 *
 *     trend  = clamp((SMA fast − SMA slow) / r)                    one bar's range apart is a full trend
 *     slope  = clamp((SMA slow − SMA slow, 5 bars ago) / r)
 *     signal = ± confidence / 100, 0 for NEUTRAL or no signal
 *     score  = 100 × (0.6 signal + 0.25 trend + 0.15 slope)        clamp to −1 .. 1
 *
 * A trend against the signal lowers the score. LONG from 20, SHORT from −20, else NEUTRAL, which stops the execution. A
 * trend can cancel a signal but never reverse it: a score opposite to a directed signal is also NEUTRAL.
 */
export function runBias({ settings, bars, signal }: BiasInput): AgentResult<BiasOutput> {
  const agent = 'bias';
  const cost = costOf(agent, bars.length);
  const averages = averagesOf(settings, bars);
  if (averages === null) {
    const message = `too few bars: ${bars.length} for a ${settings.bias.slowPeriod}-bar average and its slope`;
    return { agent, cost, status: 'stop', reason: 'insufficient_history', message, output: null };
  }
  const { fast, slow, slowBefore, meanRange } = averages;
  const trend = inRanges(fast - slow, meanRange);
  const slope = inRanges(slow - slowBefore, meanRange);
  const said = signal === null ? 0 : (SIGN_OF[signal.direction] * signal.confidence) / 100;
  const weighted = BIAS_WEIGHTS.signal * said + BIAS_WEIGHTS.trend * trend + BIAS_WEIGHTS.slope * slope;
  const score = round(100 * weighted, 2);
  const output: BiasOutput = {
    bias: biasOf(score, said),
    score,
    trend: round(trend, 4),
    slope: round(slope, 4),
    signal: round(said, 4),
    fastAverage: fast,
    slowAverage: slow,
  };
  if (output.bias === 'NEUTRAL') {
    const message = `no direction: score ${score} (trend ${output.trend}, slope ${output.slope}, signal ${output.signal})`;
    return { agent, cost, status: 'stop', reason: 'bias_neutral', message, output };
  }
  return { agent, cost, status: 'continue', output };
}

function biasOf(score: number, said: number): Bias {
  if (Math.abs(score) < NEUTRAL_BELOW || score * said < 0) return 'NEUTRAL';
  return score > 0 ? 'LONG' : 'SHORT';
}

interface Averages {
  readonly fast: number;
  readonly slow: number;
  readonly slowBefore: number;
  readonly meanRange: number;
}

/** Simple averages use a fixed number of bars, so the answer does not depend on how much history was read. */
function averagesOf(settings: AgentSettings, bars: readonly Bar[]): Averages | null {
  const { fastPeriod, slowPeriod } = settings.bias;
  const recent = bars.slice(-(slowPeriod + SLOPE_BARS));
  const fastAverage = new Sma(fastPeriod);
  const slowAverage = new Sma(slowPeriod);
  const trueRange = new TrueRange();
  let fast: number | null = null;
  const slows: number[] = [];
  let rangeSum = 0;
  let ranges = 0;
  for (const bar of recent) {
    fast = fastAverage.update(bar.close);
    const slow = slowAverage.update(bar.close);
    if (slow !== null) slows.push(slow);
    const range = trueRange.update(bar);
    if (range !== null) {
      rangeSum += range;
      ranges += 1;
    }
  }
  const slow = slows.at(-1);
  const slowBefore = slows.at(-1 - SLOPE_BARS);
  if (fast === null || slow === undefined || slowBefore === undefined) return null;
  return { fast, slow, slowBefore, meanRange: ranges === 0 ? 0 : rangeSum / ranges };
}

/** A difference in units of the mean range, within -1 .. 1; 0 when prices do not move at all. */
function inRanges(difference: number, meanRange: number): number {
  return meanRange > 0 ? Math.max(-1, Math.min(1, difference / meanRange)) : 0;
}

function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  // Adding 0 turns a negative zero into 0.
  return Math.round(value * factor) / factor + 0;
}
