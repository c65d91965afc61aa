import { type DeadSignalReason, SIGNAL_LIMITS } from './signals';

/** A structural problem of a parsed JSON value, independent of its schema. */
export interface TreeProblem {
  readonly reason: DeadSignalReason;
  readonly detail: string;
}

const TOO_DEEP: TreeProblem = { reason: 'too_deep', detail: `nested deeper than ${SIGNAL_LIMITS.depth} levels` };
const TOO_MANY_KEYS: TreeProblem = { reason: 'invalid_field', detail: `more than ${SIGNAL_LIMITS.keys} keys` };
const FORBIDDEN_KEY: TreeProblem = {
  reason: 'forbidden_key',
  detail: 'a key is __proto__, constructor or prototype',
};
const NOT_FINITE: TreeProblem = { reason: 'invalid_field', detail: 'a number is too large for binary64' };
const NOT_JSON: TreeProblem = { reason: 'invalid_field', detail: 'a value is not a JSON type' };
const UNSTORABLE_TEXT: TreeProblem = {
  reason: 'invalid_field',
  detail: 'a string contains NUL or a lone surrogate, which the database cannot store',
};

/**
 * Walks a parsed JSON value and returns the first problem: too deep, too many keys, a key that could reach a prototype, a
 * number that overflowed to infinity, or a string that PostgreSQL rejects. The depth limit bounds the walk itself.
 *
 * `mayHoldOddText` false skips the strings: JSON without a backslash has no escapes and therefore cannot contain control
 * characters or lone surrogates.
 */
export function findTreeProblem(root: object, mayHoldOddText: boolean): TreeProblem | null {
  return new TreeWalk(mayHoldOddText).object(root, 1);
}

class TreeWalk {
  private keys = 0;

  constructor(private readonly mayHoldOddText: boolean) {}

  object(node: object, depth: number): TreeProblem | null {
    if (depth > SIGNAL_LIMITS.depth) return TOO_DEEP;
    if (Array.isArray(node)) {
      for (const child of node) {
        const problem = this.value(child, depth);
        if (problem !== null) return problem;
      }
      return null;
    }
    // JSON.parse creates only own keys, and `__proto__` is one of them.
    for (const key in node) {
      this.keys += 1;
      if (this.keys > SIGNAL_LIMITS.keys) return TOO_MANY_KEYS;
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') return FORBIDDEN_KEY;
      if (this.mayHoldOddText && isUnstorable(key)) return UNSTORABLE_TEXT;
      const problem = this.value((node as Record<string, unknown>)[key], depth);
      if (problem !== null) return problem;
    }
    return null;
  }

  private value(value: unknown, depth: number): TreeProblem | null {
    if (typeof value === 'object' && value !== null) return this.object(value, depth + 1);
    if (typeof value === 'number') return Number.isFinite(value) ? null : NOT_FINITE;
    if (typeof value === 'string') return this.mayHoldOddText && isUnstorable(value) ? UNSTORABLE_TEXT : null;
    return value === null || typeof value === 'boolean' || value === undefined ? null : NOT_JSON;
  }
}

function isUnstorable(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}
