import type { z } from 'zod';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable that broke a rule. */
export interface ConfigIssue {
  readonly variable: string;
  readonly rule: string;
}

/** The environment does not describe a valid configuration; the message lists every variable and rule, no values. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(`invalid configuration:\n${issues.map(({ variable, rule }) => `  ${variable}: ${rule}`).join('\n')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/**
 * Parses the environment with a schema whose keys are variable names and freezes the result deeply. A variable set to
 * blank counts as unset. Throws `ConfigError` with all faults at once.
 */
export function parseConfig<S extends z.ZodType>(schema: S, env: Environment): Readonly<z.output<S>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  // Without `reportInput`, issues contain no values, so a secret cannot get into the message.
  const result = schema.safeParse(present, { reportInput: false });
  if (result.success) return deepFreeze(result.data);
  throw new ConfigError(result.error.issues.map((issue) => toIssue(issue, present)));
}

function toIssue(issue: z.core.$ZodIssue, present: Environment): ConfigIssue {
  const variable = issue.path.length === 0 ? '(configuration)' : issue.path.map(String).join('.');
  const name = String(issue.path[0] ?? '');
  const isMissing = issue.code !== 'custom' && issue.path.length > 0 && !(name in present);
  return { variable, rule: isMissing ? 'is required' : ruleOf(issue) };
}

/** Zod's texts for closed lists and formats name the rule. Texts that would quote the input are replaced. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') return 'does not match any allowed format';
  return issue.message;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
