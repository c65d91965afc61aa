/** A CSV text is no OHLCV data; names line (1-based) and column where it can. */
export class BarParseError extends Error {
  readonly line: number;
  readonly column: string | undefined;

  constructor(problem: string, line: number, column?: string) {
    super(`line ${line}${column === undefined ? '' : `, column "${column}"`}: ${problem}`);
    this.name = 'BarParseError';
    this.line = line;
    this.column = column;
  }
}
