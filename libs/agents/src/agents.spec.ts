import * as fc from 'fast-check';

import { BUILDER_TIME, buildBars, DEFAULT_AGENT_SETTINGS } from '@tripline/testing';

import type { Bar } from '@tripline/market';
import { toDecimal } from '@tripline/trading';
import { AGENT_TYPES, type AgentSettings } from '@tripline/triggers';
import { costOf, totalCost } from './agent-cost';
import type { AgentResult, StrategyOutput } from './agent-result';
import { runBias } from './bias';
import { barsToRead, requiredBars, runMarketData } from './market-data';
import { planOrder } from './order-manager';
import { type RiskManagerInput, runRiskManager } from './risk-manager';
import { runStrategy } from './strategy';

const settings = DEFAULT_AGENT_SETTINGS;
const DAY_MS = 86_400_000;

/** `count` daily bars whose close moves by `step` a day from 1000. */
function trendBars(count: number, step: number): Bar[] {
  return buildBars(Array.from({ length: count }, (_, index) => 1000 + index * step));
}

function endOf(bars: readonly Bar[]): number {
  return bars.at(-1)?.end ?? BUILDER_TIME;
}

function outputOf<Output>(result: AgentResult<Output>): Output {
  if (result.status !== 'continue') throw new Error(`stopped: ${result.reason}`);
  return result.output;
}

describe('runMarketData', () => {
  it('continues with enough closed bars', () => {
    const bars = trendBars(60, 1);
    const result = runMarketData({ settings, ticker: '^SPX', asOf: endOf(bars), bars });
    expect(result).toEqual({
      agent: 'market_data',
      cost: '0.000007',
      status: 'continue',
      output: {
        ticker: '^SPX',
        asOf: endOf(bars),
        barsRead: 60,
        barsRequired: 55,
        timeframeMs: DAY_MS,
        firstBarStart: BUILDER_TIME,
        lastBarEnd: endOf(bars),
        lastClose: '1059',
      },
    });
  });

  it('ignores bars that have not closed at the event time', () => {
    const bars = trendBars(60, 1);
    const asOf = endOf(bars) - 1;
    expect(outputOf(runMarketData({ settings, ticker: '^SPX', asOf, bars }))).toMatchObject({
      barsRead: 59,
      lastClose: '1058',
    });
  });

  it.each([
    ['market_data_missing', 0, 0],
    ['insufficient_history', 54, 0],
    ['market_data_stale', 60, 5 * DAY_MS + 1],
  ])('stops with %s', (reason, count, lateMs) => {
    const bars = trendBars(count, 1);
    const result = runMarketData({ settings, ticker: '^SPX', asOf: endOf(bars) + lateMs, bars });
    expect(result).toMatchObject({ status: 'stop', reason });
  });

  it('reads the configured look-back, or more when the indicators need more', () => {
    expect([requiredBars(settings), barsToRead(settings)]).toEqual([55, 250]);
    const hungry: AgentSettings = { ...settings, bias: { fastPeriod: 50, slowPeriod: 400 } };
    expect(barsToRead(hungry)).toBe(405);
  });
});

describe('runBias', () => {
  const up = trendBars(60, 5);
  const down = trendBars(60, -5);

  it.each([
    ['a bullish signal in an uptrend', up, 'BULLISH', 'LONG'],
    ['a bearish signal in a downtrend', down, 'BEARISH', 'SHORT'],
    ['a neutral signal in an uptrend', up, 'NEUTRAL', 'LONG'],
  ] as const)('follows %s', (_case, bars, direction, bias) => {
    expect(outputOf(runBias({ settings, bars, signal: { direction, confidence: 80 } })).bias).toBe(bias);
  });

  it('lowers the score when the trend opposes the signal, and stops when the score is near 0', () => {
    const signal = { direction: 'BULLISH', confidence: 80 } as const;
    const agreed = outputOf(runBias({ settings, bars: up, signal }));
    const opposed = runBias({ settings, bars: down, signal });
    expect(agreed).toMatchObject({ trend: 1, signal: 0.8 });
    expect(opposed).toMatchObject({ status: 'stop', reason: 'bias_neutral', output: { bias: 'NEUTRAL', trend: -1 } });
    expect(opposed.output?.score).toBeLessThan(agreed.score);
  });

  it('is NEUTRAL when a strong trend outweighs a weak opposite signal', () => {
    const result = runBias({ settings, bars: down, signal: { direction: 'BULLISH', confidence: 10 } });
    expect(result.output?.score).toBeLessThan(-20);
    expect(result).toMatchObject({ status: 'stop', reason: 'bias_neutral', output: { bias: 'NEUTRAL' } });
  });

  it('uses the trend alone without a signal, and the signal alone without a trend', () => {
    expect(outputOf(runBias({ settings, bars: down, signal: null })).bias).toBe('SHORT');
    const flat = trendBars(60, 0);
    expect(outputOf(runBias({ settings, bars: flat, signal: { direction: 'BULLISH', confidence: 50 } }))).toMatchObject(
      {
        bias: 'LONG',
        score: 30,
        trend: 0,
        slope: 0,
      },
    );
  });

  it('never trades against a directed signal and follows the documented score formula', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 50, max: 150, noNaN: true }), { minLength: 55, maxLength: 80 }),
        fc.constantFrom('BULLISH' as const, 'BEARISH' as const),
        fc.integer({ min: 0, max: 100 }),
        (closes, direction, confidence) => {
          const result = runBias({ settings, bars: buildBars(closes), signal: { direction, confidence } });
          const { output } = result;
          if (output === null) throw new Error('no output');
          const formula = 100 * (0.6 * output.signal + 0.25 * output.trend + 0.15 * output.slope);
          expect(Math.abs(output.score - formula)).toBeLessThan(0.02);
          const against = direction === 'BULLISH' ? 'SHORT' : 'LONG';
          if (confidence > 0) expect(output.bias).not.toBe(against);
          expect(result.status).toBe(output.bias === 'NEUTRAL' ? 'stop' : 'continue');
        },
      ),
    );
  });

  it('gives the same answer for any amount of history', () => {
    const long = trendBars(250, 1);
    const signal = { direction: 'BULLISH', confidence: 70 } as const;
    expect(runBias({ settings, bars: long, signal }).output).toEqual(
      runBias({ settings, bars: long.slice(-55), signal }).output,
    );
  });

  it('stops without enough bars for the averages', () => {
    expect(runBias({ settings, bars: trendBars(54, 1), signal: null })).toMatchObject({
      reason: 'insufficient_history',
    });
  });
});

describe('runStrategy', () => {
  // Every bar spans one point (0.5 around an unmoved close), so its true range and the ATR are 1.
  const calm = trendBars(60, 0);

  it.each([
    ['LONG', '998', '1004'],
    ['SHORT', '1002', '996'],
  ] as const)('puts the stop and target of a %s on the correct sides', (bias, stopPrice, targetPrice) => {
    expect(outputOf(runStrategy({ settings, bars: calm, bias }))).toEqual({
      side: bias,
      entryPrice: '1000',
      stopPrice,
      targetPrice,
      stopDistance: '2',
      atr: 1,
    });
  });

  it('stops without volatility, and when a level is not a valid price', () => {
    const frozen = calm.map((bar) => ({ ...bar, high: bar.close, low: bar.close }));
    expect(runStrategy({ settings, bars: frozen, bias: 'LONG' })).toMatchObject({ reason: 'no_volatility' });
    const wide: AgentSettings = { ...settings, strategy: { ...settings.strategy, stopAtrMultiple: 1000 } };
    expect(runStrategy({ settings: wide, bars: calm, bias: 'LONG' })).toMatchObject({ reason: 'levels_not_positive' });
  });
});

describe('runRiskManager', () => {
  const plan: StrategyOutput = {
    side: 'LONG',
    entryPrice: '100',
    stopPrice: '90',
    targetPrice: '120',
    stopDistance: '10',
    atr: 5,
  };
  const shortPlan: StrategyOutput = { ...plan, side: 'SHORT', stopPrice: '110', targetPrice: '80' };
  const base: RiskManagerInput = {
    settings,
    ticker: '^SPX',
    plan,
    account: { cash: '100000', equity: '100000' },
    heldQuantity: '0',
  };
  const noShort: AgentSettings = { ...settings, riskManager: { ...settings.riskManager, allowShort: false } };

  it('risks the configured share of equity at the stop', () => {
    expect(outputOf(runRiskManager(base))).toEqual({
      side: 'BUY',
      quantity: '100',
      action: 'open',
      positionAfter: '100',
      equity: '100000',
      riskAmount: '1000',
      notional: '10000',
      limitedBy: 'risk',
    });
  });

  it.each<[string, Partial<RiskManagerInput>, object]>([
    [
      'caps at the maximum position',
      { plan: { ...plan, stopDistance: '1' } },
      { quantity: '250', limitedBy: 'max_position' },
    ],
    [
      'caps a purchase at the cash minus a reserve',
      { account: { cash: '5000', equity: '100000' } },
      { quantity: '49', limitedBy: 'cash' },
    ],
    [
      'does not need cash to sell short',
      { plan: shortPlan, account: { cash: '0', equity: '100000' } },
      { side: 'SELL', quantity: '100', positionAfter: '-100' },
    ],
    [
      'adds to a position up to the maximum',
      { heldQuantity: '200' },
      { quantity: '50', action: 'increase', positionAfter: '250', limitedBy: 'max_position' },
    ],
    [
      'flips an opposite position',
      { heldQuantity: '-30' },
      { side: 'BUY', quantity: '130', action: 'flip', positionAfter: '100' },
    ],
    [
      'flips a long into a short',
      { plan: shortPlan, heldQuantity: '30' },
      { side: 'SELL', quantity: '130', action: 'flip', positionAfter: '-100' },
    ],
    [
      'only closes the position when short selling is off',
      { settings: noShort, plan: shortPlan, heldQuantity: '30' },
      { side: 'SELL', quantity: '30', action: 'close', positionAfter: '0', riskAmount: '0' },
    ],
    [
      'only closes the position when no new exposure is affordable',
      { heldQuantity: '-30', account: { cash: '3000', equity: '100000' } },
      { quantity: '30', action: 'close' },
    ],
    [
      'trades currency pairs in millionths',
      { ticker: 'BTC-USD', plan: { ...plan, stopDistance: '3000', entryPrice: '30000' } },
      { quantity: '0.333333' },
    ],
  ])('%s', (_case, change, expected) => {
    expect(outputOf(runRiskManager({ ...base, ...change }))).toMatchObject(expected);
  });

  it.each<[string, Partial<RiskManagerInput>]>([
    ['position_limit', { heldQuantity: '250' }],
    ['short_not_allowed', { settings: noShort, plan: shortPlan }],
    ['short_not_allowed', { settings: noShort, plan: shortPlan, heldQuantity: '-5' }],
    ['size_too_small', { plan: { ...plan, stopDistance: '1001' } }],
    ['size_too_small', { account: { cash: '50', equity: '100000' } }],
    ['no_equity', { account: { cash: '0', equity: '-1' } }],
  ])('stops with %s', (reason, change) => {
    expect(runRiskManager({ ...base, ...change })).toMatchObject({ status: 'stop', reason });
  });

  it('never exceeds its limits for any held quantity', () => {
    const money = fc.integer({ min: -50_000, max: 500_000 }).map(String);
    fc.assert(
      fc.property(
        fc.record({
          cash: money,
          equity: money,
          held: fc.integer({ min: -300, max: 300 }),
          entry: fc.integer({ min: 1, max: 5000 }),
        }),
        fc.record({
          distance: fc.integer({ min: 1, max: 500 }),
          side: fc.constantFrom(plan, shortPlan),
          allowShort: fc.boolean(),
        }),
        ({ cash, equity, held, entry }, { distance, side, allowShort }) => {
          const riskManager = { ...settings.riskManager, allowShort };
          const result = runRiskManager({
            ...base,
            settings: { ...settings, riskManager },
            plan: { ...side, entryPrice: String(entry), stopDistance: String(distance) },
            account: { cash, equity },
            heldQuantity: String(held),
          });
          if (result.status === 'stop') return;
          const { output } = result;
          const after = toDecimal(output.positionAfter);
          expect(toDecimal(output.quantity).gt(0)).toBe(true);
          if (!allowShort && after.isNegative()) expect(after.gt(held)).toBe(true);
          if (output.action === 'close') {
            expect(after.isZero()).toBe(true);
            return;
          }
          expect(toDecimal(output.riskAmount).lte(toDecimal(equity).times(0.01))).toBe(true);
          expect(after.abs().times(entry).lte(toDecimal(equity).times(0.25))).toBe(true);
          if (output.side === 'BUY') expect(toDecimal(output.notional).lte(cash)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('planOrder', () => {
  it('derives the same intent from an execution every time, and the intent survives JSON', () => {
    const bars = trendBars(60, 5);
    const plan = outputOf(runStrategy({ settings, bars, bias: 'LONG' }));
    const account = { cash: '100000', equity: '100000' };
    const sizing = outputOf(runRiskManager({ settings, ticker: '^SPX', plan, account, heldQuantity: '0' }));
    const input = { executionId: 'run', ticker: '^SPX', occurredAt: endOf(bars), plan, sizing };
    const result = planOrder(input);
    expect(result.output.intent).toMatchObject({
      clientOrderId: 'run-5-1',
      side: 'BUY',
      type: 'MARKET',
      quantity: sizing.quantity,
      stopPrice: plan.stopPrice,
    });
    expect(planOrder(JSON.parse(JSON.stringify(input)) as typeof input)).toEqual(result);
  });
});

describe('costOf', () => {
  it('charges each invocation and each bar, and sums exactly', () => {
    expect(costOf('market_data', 250)).toBe('0.000026');
    expect(costOf('bias', 250)).toBe('0.0000035');
    expect(totalCost(AGENT_TYPES.map((agent) => costOf(agent, 250)))).toBe('0.000035');
  });
});
