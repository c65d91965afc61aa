/** A CSV text is not OHLCV data; names line (1-based) and column where it can. */
export class BarParseError extends Error {
  readonly code = 'BARS_INVALID';
  /** The rule that was broken, without line and column. */
  readonly rule: string;
  readonly line: number;
  readonly column: string | undefined;
  /** Path, where rows of several files are put together. */
  readonly file: string | undefined;

  constructor(rule: string, line: number, column?: string, file?: string) {
    super(`line ${line}${column === undefined ? '' : `, column "${column}"`}: ${rule}`);
    this.name = 'BarParseError';
    this.rule = rule;
    this.line = line;
    this.column = column;
    this.file = file;
  }
}
