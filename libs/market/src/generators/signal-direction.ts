/** Direction a signal gives for one ticker. */
export const SIGNAL_DIRECTIONS = ['BULLISH', 'BEARISH', 'NEUTRAL'] as const;
export type SignalDirection = (typeof SIGNAL_DIRECTIONS)[number];
