/** A CSV text is not valid OHLCV data. Names line (1-based) and column where known. */
export class BarParseError extends Error {
  readonly code = 'BARS_INVALID';
  /** The violated rule, without line and column. */
  readonly rule: string;
  readonly line: number;
  readonly column: string | undefined;
  /** Path, when rows of several files are merged. */
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
