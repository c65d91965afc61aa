import { z } from 'zod';

import { isKnownSample } from './known-samples';
import { Secret } from './secret';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A non-negative decimal number with an optional unit. */
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/;
const MAX_DURATION_MS = 366 * 86_400_000;

/** Limits of a duration, in milliseconds. */
export interface DurationLimits {
  readonly minMs?: number;
  readonly maxMs?: number;
}

/** A duration like `500ms`, `5s`, `2m`, `1h`, `7d`; a bare number is milliseconds. Becomes whole milliseconds. */
export function durationMs(defaultMs: number, limits: DurationLimits = {}) {
  const { minMs = 0, maxMs = MAX_DURATION_MS } = limits;
  const rule = `must be a duration such as 500ms, 5s or 2m, between ${minMs} ms and ${maxMs} ms`;
  return z
    .union([z.string(), z.number()])
    .default(defaultMs)
    .transform((input, context) => {
      const ms = parseDurationMs(String(input));
      if (ms === undefined || ms < minMs || ms > maxMs) {
        context.addIssue({ code: 'custom', message: rule });
        return z.NEVER;
      }
      return ms;
    });
}

/** Converts the text to milliseconds; undefined when it is not a duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? 'ms'] ?? 1));
}

/** Limits of a number. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within limits (default: not negative). */
export function integer(defaultValue: number, { min = 0, max = Number.MAX_SAFE_INTEGER }: NumberLimits = {}) {
  return numeric(defaultValue, `must be a whole number from ${min} to ${max}`, (value) => {
    return Number.isSafeInteger(value) && value >= min && value <= max;
  });
}

/** A number within limits (default: not negative). */
export function decimal(defaultValue: number, { min = 0, max = Number.MAX_VALUE }: NumberLimits = {}) {
  return numeric(defaultValue, `must be a number from ${min} to ${max}`, (value) => value >= min && value <= max);
}

/** A TCP port; 0 lets the system choose a free port. */
export function port(defaultPort: number) {
  return integer(defaultPort, { min: 0, max: 65_535 });
}

function numeric(defaultValue: number, rule: string, isValid: (value: number) => boolean) {
  return z
    .union([z.string(), z.number()])
    .default(defaultValue)
    .transform((input, context) => {
      // Number() alone would accept '' and '0x10'.
      const isDecimal = typeof input === 'number' || /^[+-]?\d+(\.\d+)?$/.test(input.trim());
      const value = Number(input);
      if (!isDecimal || !isValid(value)) {
        context.addIssue({ code: 'custom', message: rule });
        return z.NEVER;
      }
      return value;
    });
}

/** Values separated by commas; surrounding blanks and empty values are dropped. */
export function csvList(defaultValues: readonly string[] = []) {
  return z
    .string()
    .default(defaultValues.join(','))
    .transform((text) => splitList(text));
}

/** Like `csvList`, but requires at least one value. */
export function requiredCsvList() {
  return z.string().transform((text, context) => {
    const values = splitList(text);
    if (values.length === 0) context.addIssue({ code: 'custom', message: 'must name at least one value' });
    return values;
  });
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** A required secret of at least `minLength` characters that is not a published sample; its value never appears in an error. */
export function secret({ minLength = 1 }: { minLength?: number } = {}) {
  return (
    z
      .string()
      // Abort: rules across variables must not receive a secret that is still a string.
      .min(minLength, { message: `must have at least ${minLength} characters`, abort: true })
      .refine((value) => !isKnownSample(value), {
        message: 'is a published sample: generate your own',
        abort: true,
      })
      .transform((value) => new Secret(value))
  );
}

const TRUE_WORDS = ['true', '1', 'yes', 'on'];
const FALSE_WORDS = ['false', '0', 'no', 'off'];

/** `true/false`, `1/0`, `yes/no` or `on/off`, in any case. */
export function booleanFlag(defaultValue: boolean) {
  return z
    .union([z.string(), z.boolean()])
    .default(defaultValue)
    .transform((input, context) => {
      const word = String(input).trim().toLowerCase();
      if (TRUE_WORDS.includes(word)) return true;
      if (FALSE_WORDS.includes(word)) return false;
      context.addIssue({ code: 'custom', message: 'must be true or false' });
      return z.NEVER;
    });
}
