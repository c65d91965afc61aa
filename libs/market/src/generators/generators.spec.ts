import { readVegaCsv } from '@tripline/testing';
import type { Bar } from '../bars/bar';
import { createMockBars } from '../bars/mock-bars';
import { parseOhlcvCsv } from '../bars/parse-ohlcv-csv';
import { createGenerators, GENERATED_SIGNAL_TYPES, GENERATOR_NAMES, type GeneratorOptions } from './create-generators';
import type { GeneratedSignal } from './signal-generator';

function barsOfCloses(closes: readonly number[]): Bar[] {
  return closes.map((close, index) => ({
    start: index * 60_000,
    end: (index + 1) * 60_000,
    open: closes[index - 1] ?? close,
    high: Math.max(close, closes[index - 1] ?? close),
    low: Math.min(close, closes[index - 1] ?? close),
    close,
    volume: 100,
  }));
}

interface Emitted extends GeneratedSignal {
  readonly at: number;
}

function emitted(bars: readonly Bar[], options: GeneratorOptions): Emitted[] {
  const generators = createGenerators(options);
  return bars.flatMap((bar, at) =>
    generators.flatMap((generator) => {
      const signal = generator.onBar(bar);
      return signal === null ? [] : [{ ...signal, at }];
    }),
  );
}

const brief = (signals: readonly Emitted[]): string[] =>
  signals.map(({ at, signalType, direction }) => `${at} ${signalType} ${direction}`);

describe('golden_cross and death_cross', () => {
  const options: GeneratorOptions = {
    names: ['golden_cross', 'death_cross'],
    smaCross: { fastPeriod: 1, slowPeriod: 2 },
  };

  it('fire once when the fast average leaves equality, not when it reaches it', () => {
    // SMA 1 - SMA 2 is half the last change: 0, 0, +, 0, -, 0.
    expect(brief(emitted(barsOfCloses([5, 5, 5, 6, 6, 5, 5]), options))).toEqual([
      '3 golden_cross BULLISH',
      '5 death_cross BEARISH',
    ]);
  });

  it('give no signal for a series that starts on one side and stays there', () => {
    expect(emitted(barsOfCloses([1, 2, 3, 4, 5]), options)).toEqual([]);
  });

  it('treat float noise of a flat series as equality', () => {
    const flat = barsOfCloses(Array<number>(500).fill(0.1));
    expect(emitted(flat, { names: ['golden_cross', 'death_cross'] })).toEqual([]);
  });
});

describe('rsi', () => {
  it('fires once per excursion and is re-armed by a return between the levels', () => {
    // RSI of 2 changes: 50, 25 (below 30), 12.5 (still), 56, 18 (below again).
    const signals = emitted(barsOfCloses([10, 11, 10, 9, 8, 9, 8]), { names: ['rsi'], rsi: { period: 2 } });
    expect(brief(signals)).toEqual(['3 rsi_oversold BULLISH', '6 rsi_oversold BULLISH']);
    // RSI 25: 5 of 30 below the level.
    expect(signals[0]?.confidence).toBe(58.3);
    expect(signals[0]?.metadata).toMatchObject({ generator: 'rsi', rsi_2: 25, level: 30, close: 9 });
    expect(signals[0]?.reasoning).toBe('RSI 2 fell below 30 to 25.00; close 9.');
  });

  it('reports a rise as overbought and bearish', () => {
    const signals = emitted(barsOfCloses([10, 9, 10, 11]), { names: ['rsi'], rsi: { period: 2 } });
    expect(brief(signals)).toEqual(['3 rsi_overbought BEARISH']);
  });

  it('gives no signal for a flat series', () => {
    expect(emitted(barsOfCloses(Array<number>(50).fill(7)), { names: ['rsi'] })).toEqual([]);
  });
});

describe('macd_cross', () => {
  it('fires in both directions when the histogram changes sign', () => {
    const macd = { fastPeriod: 2, slowPeriod: 3, signalPeriod: 2 };
    const signals = emitted(barsOfCloses([1, 2, 3, 4, 3, 2, 1, 3, 6]), { names: ['macd_cross'], macd });
    expect(brief(signals)).toEqual(['4 macd_cross BEARISH', '7 macd_cross BULLISH']);
  });
});

describe('bollinger_breakout', () => {
  it('fires on the first close outside the bands, and not on a flat window', () => {
    const options: GeneratorOptions = { names: ['bollinger_breakout'], bollinger: { period: 6, multiple: 2 } };
    // The sixth value lies sqrt(5) = 2.236 standard deviations from the mean of its own window.
    const signals = emitted(barsOfCloses([5, 5, 5, 5, 5, 5, 5, 5, 8, 5, 5, 5, 5, 5, 5, 2]), options);
    expect(brief(signals)).toEqual(['8 bollinger_breakout BULLISH', '15 bollinger_breakout BEARISH']);
    // 0.236 of 0.5 standard deviations beyond: 50 + 50 * 0.472 / 1.472.
    expect(signals[0]?.confidence).toBe(66);
  });
});

describe('donchian_breakout', () => {
  it('fires once per leg and is re-armed by a close inside the channel', () => {
    const options: GeneratorOptions = { names: ['donchian_breakout'], donchian: { period: 2 } };
    const signals = emitted(barsOfCloses([5, 5, 6, 7, 6.5, 8, 4]), options);
    expect(brief(signals)).toEqual([
      '2 donchian_breakout BULLISH',
      '5 donchian_breakout BULLISH',
      '6 donchian_breakout BEARISH',
    ]);
  });
});

describe('volume_spike', () => {
  const withVolumes = (volumes: readonly number[]): Bar[] =>
    barsOfCloses(volumes.map((_, index) => 10 + (index % 2))).map((bar, index) => ({
      ...bar,
      volume: volumes[index] as number,
    }));
  const options: GeneratorOptions = { names: ['volume_spike'], volumeSpike: { period: 2 } };

  it('compares with the previous bars and uses the direction of the bar', () => {
    const signals = emitted(withVolumes([10, 12, 22, 17, 90]), options);
    expect(brief(signals)).toEqual(['2 volume_spike BEARISH', '4 volume_spike BEARISH']);
    expect(signals[0]).toMatchObject({ confidence: 50, metadata: { volume: 22, volume_mean: 11, volume_ratio: 2 } });
  });

  it('ignores bars without volume and gives no signal for a window without variation', () => {
    expect(emitted(withVolumes([10, 10, 0, 90]), options)).toEqual([]);
    expect(emitted(withVolumes(Array<number>(60).fill(0)), options)).toEqual([]);
  });
});

describe('all generators', () => {
  const [spx] = parseOhlcvCsv(readVegaCsv('sp500-2000.csv'), { ticker: '^SPX' });
  const mock = createMockBars({ seed: 1, ticker: 'MOCK-01', timeframeMs: 60_000, startMs: 0 });
  const mockBars = Array.from({ length: 5000 }, (_, index) => mock.barAt(index));

  it.each([
    ['the S&P 500', spx?.bars ?? []],
    ['a made-up series', mockBars],
  ])('emit every signal type on %s, with confidence within 0..100 and finite metadata', (_, bars) => {
    const signals = emitted(bars, {});
    expect(new Set(signals.map((signal) => signal.signalType))).toEqual(new Set(GENERATED_SIGNAL_TYPES));
    for (const { confidence, metadata, reasoning } of signals) {
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(100);
      expect(JSON.stringify(metadata)).not.toContain('null');
      expect(reasoning.length).toBeLessThan(300);
    }
  });

  it('give the same signals on the same bars, bar by bar', () => {
    expect(emitted(mockBars.slice(0, 1000), {})).toEqual(emitted(mockBars.slice(0, 1000), {}));
  });

  it('do not change earlier signals when later bars arrive', () => {
    const early = emitted(mockBars.slice(0, 700), {});
    expect(emitted(mockBars, {}).filter(({ at }) => at < 700)).toEqual(early);
  });

  it('are created in a fixed order, each once, and only the requested ones', () => {
    expect(createGenerators().map((generator) => generator.name)).toEqual([...GENERATOR_NAMES]);
    expect(createGenerators({ names: ['rsi', 'golden_cross', 'rsi'] }).map(({ name }) => name)).toEqual([
      'golden_cross',
      'rsi',
    ]);
  });

  it('reject invalid settings', () => {
    expect(() => createGenerators({ names: ['moon_phase' as 'rsi'] })).toThrow('unknown generator "moon_phase"');
    expect(() => createGenerators({ smaCross: { fastPeriod: 200, slowPeriod: 50 } })).toThrow(RangeError);
    expect(() => createGenerators({ rsi: { oversold: 80 } })).toThrow(RangeError);
    expect(() => createGenerators({ volumeSpike: { minRatio: 1 } })).toThrow(RangeError);
    expect(() => createGenerators({ bollinger: { multiple: 0 } })).toThrow(RangeError);
  });
});
