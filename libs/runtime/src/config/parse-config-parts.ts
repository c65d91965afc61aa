import type { z } from 'zod';

import { ConfigError, type ConfigIssue, type Environment, parseConfig } from './parse-config';

type Parts = Readonly<Record<string, z.ZodType>>;

/** One object with a key per part, each parsed by its own schema. */
export type ParsedParts<P extends Parts> = Readonly<{ [K in keyof P]: z.output<P[K]> }>;

/**
 * Parses several schemas from one environment, e.g. the service's own and those of its clients. Throws one `ConfigError` with
 * the faults of all parts, so a configuration can be fixed in one go.
 */
export function parseConfigParts<P extends Parts>(parts: P, env: Environment): ParsedParts<P> {
  const issues: ConfigIssue[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(parts)) {
    try {
      parsed[name] = parseConfig(schema, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return Object.freeze(parsed) as ParsedParts<P>;
}
