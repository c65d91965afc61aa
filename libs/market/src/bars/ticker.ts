/** 1 to 32 characters, the first a letter, digit or ^. Signals cannot carry any other ticker. */
export const TICKER_PATTERN = /^[A-Z0-9^][A-Z0-9.\-_/=^]{0,31}$/;

/** The rule behind `TICKER_PATTERN`, for error messages. */
export const TICKER_RULE = 'a ticker has 1 to 32 upper-case letters, digits or ^ . - _ / =';
