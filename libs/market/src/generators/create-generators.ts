import { type BollingerBreakoutOptions, createBollingerBreakout } from './bollinger-breakout';
import { createDonchianBreakout, type DonchianBreakoutOptions } from './donchian-breakout';
import { createMacdCross, type MacdCrossOptions } from './macd-cross';
import { createRsiExtreme, type RsiOptions } from './rsi-extreme';
import type { SignalGenerator } from './signal-generator';
import { createSmaCross, type SmaCrossOptions } from './sma-cross';
import { createVolumeSpike, type VolumeSpikeOptions } from './volume-spike';

/** All generators, in the order in which their signals of one bar are emitted. */
export const GENERATOR_NAMES = [
  'golden_cross',
  'death_cross',
  'rsi',
  'macd_cross',
  'bollinger_breakout',
  'donchian_breakout',
  'volume_spike',
] as const;
export type GeneratorName = (typeof GENERATOR_NAMES)[number];

/** Every signal type the generators can emit. */
export const GENERATED_SIGNAL_TYPES = [
  'golden_cross',
  'death_cross',
  'rsi_oversold',
  'rsi_overbought',
  'macd_cross',
  'bollinger_breakout',
  'donchian_breakout',
  'volume_spike',
] as const;

/** The generators to create, and their settings where they differ from the defaults. */
export interface GeneratorOptions {
  /** Default: all. */
  readonly names?: readonly GeneratorName[] | undefined;
  /** Of golden and death cross. */
  readonly smaCross?: SmaCrossOptions;
  readonly rsi?: RsiOptions;
  readonly macd?: MacdCrossOptions;
  readonly bollinger?: BollingerBreakoutOptions;
  readonly donchian?: DonchianBreakoutOptions;
  readonly volumeSpike?: VolumeSpikeOptions;
}

const FACTORIES: Record<GeneratorName, (options: GeneratorOptions) => SignalGenerator> = {
  golden_cross: (options) => createSmaCross('golden_cross', options.smaCross),
  death_cross: (options) => createSmaCross('death_cross', options.smaCross),
  rsi: (options) => createRsiExtreme(options.rsi),
  macd_cross: (options) => createMacdCross(options.macd),
  bollinger_breakout: (options) => createBollingerBreakout(options.bollinger),
  donchian_breakout: (options) => createDonchianBreakout(options.donchian),
  volume_spike: (options) => createVolumeSpike(options.volumeSpike),
};

/**
 * New generators for ONE series. They hold state, so every ticker and timeframe needs its own set.
 * @throws RangeError on invalid settings
 */
export function createGenerators(options: GeneratorOptions = {}): SignalGenerator[] {
  const wanted = new Set<string>(options.names ?? GENERATOR_NAMES);
  for (const name of wanted) {
    if (!(GENERATOR_NAMES as readonly string[]).includes(name)) {
      throw new RangeError(`unknown generator "${name}"; known generators: ${GENERATOR_NAMES.join(', ')}`);
    }
  }
  return GENERATOR_NAMES.filter((name) => wanted.has(name)).map((name) => FACTORIES[name](options));
}
