import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reference values of `libs/testing/reference`, which its `generate.py` writes by programs that are not ours. */
export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '../reference', name), 'utf8')) as T;
}
