import { hash, verify, type Algorithm } from '@node-rs/argon2';
import { isKnownSample } from '@tripline/runtime';

/** The value of the package's enum, which exists only in its types. */
const ARGON2ID = 2 as Algorithm.Argon2id;

/** OWASP's minimum for argon2id: 19 MiB, two iterations, parallelism 1. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 128;

/** Hashes and verifies passwords, at most two at a time, to bound the CPU and memory that logins use. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `undefined` (no such user) takes as long as a wrong password and returns false. */
  verify(storedHash: string | undefined, password: string): Promise<boolean>;
}

/** @param concurrency how many argon2 computations may run at once; the rest wait. */
export function createPasswords(concurrency = 2): Passwords {
  const inTurn = createGate(concurrency);
  let dummy: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => hash(password, PARAMETERS)),
    async verify(storedHash, password) {
      // An unknown e-mail must take as long as a wrong password, so compare with a hash of no account.
      dummy ??= hash('nobody has this password', PARAMETERS);
      const against = storedHash ?? (await dummy);
      const matches = await inTurn(() => verify(against, password));
      // An earlier version created accounts with a published password. They stay locked until the password is changed.
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
