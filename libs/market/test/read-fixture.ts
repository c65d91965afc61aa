import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reference values of `fixtures/`, which `fixtures/generate.py` writes by programs that are not ours. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, 'fixtures', name), 'utf8')) as T;
}
