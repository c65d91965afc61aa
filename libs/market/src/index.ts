export { BarHistory, type BarReader } from './bars/bar-history';
export { type BarSeries, dataQualityOf, REJECTION_KINDS } from './bars/bar-series';
export type { Bar } from './bars/bar';
export { createMockBars } from './bars/mock-bars';
export { TICKER_PATTERN, TICKER_RULE } from './bars/ticker';
export { parseTimeframe } from './bars/timeframe';
export type { MarketCalendar } from './calendars/market-calendar';
export { MARKET_CALENDARS, marketCalendar } from './calendars/market-calendars';
export { MARKET_SESSIONS, type MarketSession } from './calendars/market-session';
export { nextMarketTime, parseMarketTime } from './calendars/market-time';
export { offsetReader } from './calendars/time-zone';
export {
  createGenerators,
  GENERATED_SIGNAL_TYPES,
  GENERATOR_NAMES,
  type GeneratorName,
} from './generators/create-generators';
export { SIGNAL_DIRECTIONS, type SignalDirection } from './generators/signal-direction';
export type { SignalGenerator } from './generators/signal-generator';
export { describeHistory, type HistoryFacts } from './history/describe-history';
export { HistoryFileError } from './history/history-file-error';
export { defaultHistoryFiles, parseHistoryFile } from './history/history-files';
export type { HistorySeries } from './history/history-series';
export { loadHistory } from './history/load-history';
