import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Reference data for this repository's developers. It is not part of the product and not installed on users' machines.
 */
const FOLDER = resolve(process.env['TRIPLINE_SHARED_DATA'] ?? join(__dirname, '../../../../shared/data'));

/** `describe` for tests that need the reference data. If it is missing, one skipped test reports that. */
export function describeWithSharedData(title: string, body: () => void): void {
  if (existsSync(FOLDER)) {
    describe(title, body);
    return;
  }
  // Jest runs the body of a skipped describe to collect its tests, so `body`, which reads files, must not be given.
  describe.skip(`${title} (needs the developers' reference data in ${FOLDER})`, () => {
    it('is skipped where the folder is missing', () => undefined);
  });
}

export function readSharedText(path: string): string {
  return readFileSync(join(FOLDER, path), 'utf8');
}

export function readSharedJson<T>(path: string): T {
  return JSON.parse(readSharedText(path)) as T;
}

/** A CSV of the npm package vega-datasets, which is always installed. */
export function readVegaCsv(name: string): string {
  return readFileSync(join(__dirname, '../../../node_modules/vega-datasets/data', name), 'utf8');
}
