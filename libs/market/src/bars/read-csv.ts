import { CsvError, type Info, parse } from 'csv-parse/sync';

import { BarParseError } from './bar-parse-error';

export interface CsvRecord {
  readonly cells: string[];
  /** 1-based line where the record ends. */
  readonly line: number;
}

/**
 * Splits a CSV text into records; empty lines are skipped, cells trimmed.
 * @throws BarParseError on text that is not well-formed CSV
 */
export function readCsv(text: string): CsvRecord[] {
  try {
    const records = parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    });
    return (records as unknown as { record: string[]; info: Info }[]).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    throw new BarParseError(`not well-formed CSV (${error.code})`, line);
  }
}
