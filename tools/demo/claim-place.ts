import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { acquireFileLock } from '../bootstrap/file-lock.cjs';
import { LOCAL_DIR } from './demo-environment';

/** A folder below `.local` that one command has to itself, with its servers and state. */
export interface Place {
  readonly dir: string;
  /** Name of the folder; its logs use the same name. */
  readonly name: string;
  release(): void;
}

/**
 * Claims the first free folder of `name`, `name-2`, … up to `limit`; null when all are in use. Commands must not share
 * servers: the one that ends first would stop the servers of the other.
 */
export async function claimPlace(name: string, limit: number): Promise<Place | null> {
  mkdirSync(LOCAL_DIR, { recursive: true });
  for (let number = 1; number <= limit; number += 1) {
    const own = number === 1 ? name : `${name}-${number}`;
    const dir = join(LOCAL_DIR, own);
    const release = await acquireFileLock(`${dir}.lock`);
    if (release !== undefined) return { dir, name: own, release };
  }
  return null;
}
