export { Atr, TrueRange } from './atr';
export { BollingerBands } from './bollinger-bands';
export { Donchian } from './donchian';
export { Macd } from './macd';
export { Rsi } from './rsi';
export { Sma } from './sma';
export { VolumeStats } from './volume-stats';
