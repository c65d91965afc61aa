/** Hours of a market: the regular session, or with pre- and post-market. */
export const MARKET_SESSIONS = ['regular', 'extended'] as const;
export type MarketSession = (typeof MARKET_SESSIONS)[number];
