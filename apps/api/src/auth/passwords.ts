import { hash, verify, type Algorithm } from '@node-rs/argon2';
import { isKnownSample } from '@tripline/runtime';

/** The package's enum exists in its types only. */
const ARGON2ID = 2 as Algorithm.Argon2id;

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 128;

/** Hashes and verifies passwords; at most two at a time, so that log-ins cannot eat every core and all memory. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for `undefined` (no such user) as for a wrong password, and answers false. */
  verify(storedHash: string | undefined, password: string): Promise<boolean>;
}

/** @param concurrency how many argon2 computations may run at once; the rest wait in line. */
export function createPasswords(concurrency = 2): Passwords {
  const inTurn = createGate(concurrency);
  let dummy: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => hash(password, PARAMETERS)),
    async verify(storedHash, password) {
      // An unknown e-mail must cost as much time as a wrong password: compare with a hash that belongs to nobody.
      dummy ??= hash('nobody has this password', PARAMETERS);
      const against = storedHash ?? (await dummy);
      const matches = await inTurn(() => verify(against, password));
      // An account that an earlier version made with a published password is closed until it gets another one.
      return storedHash !== undefined && matches && !isKnownSample(password);
    },
  };
}

function createGate(concurrency: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= concurrency) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) {
        next();
      } else {
        running -= 1;
      }
    }
  };
}
