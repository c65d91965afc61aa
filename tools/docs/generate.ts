import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { generatedDocuments } from './documents';

const DIR = resolve(__dirname, '../../docs/generated');

/** Writes the documents; with `--check`, reports those that are out of date. */
function main(): void {
  const check = process.argv.includes('--check');
  mkdirSync(DIR, { recursive: true });
  for (const [name, text] of generatedDocuments()) {
    const path = join(DIR, name);
    if (!check) writeFileSync(path, text);
    else if (read(path) !== text) {
      console.error(`docs/generated/${name} is out of date`);
      process.exitCode = 1;
    }
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

main();
