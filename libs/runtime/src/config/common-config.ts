import { LOG_FORMATS, parseLogLevel } from '@tripline/telemetry';
import { z } from 'zod';

import { type FailpointConfig, type FailpointRule, FailpointSyntaxError, parseFailpoints } from '@tripline/failpoints';
import { booleanFlag, durationMs, port } from './fields';
import { ConfigError, type ConfigIssue } from './parse-config';

const LEVEL_RULE = 'must be one of trace, debug, info, warn (or warning), error, fatal (or critical), silent';

const logLevel = z
  .string()
  .default('info')
  .transform((text, context) => {
    const level = parseLogLevel(text);
    if (level !== undefined) return level;
    context.addIssue({ code: 'custom', message: LEVEL_RULE });
    return z.NEVER;
  });

const logFormat = z
  .string()
  .default('json')
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.enum(LOG_FORMATS));

const failpointList = z
  .string()
  .default('')
  .transform((text, context): readonly FailpointRule[] => {
    try {
      return parseFailpoints(text);
    } catch (error) {
      if (!(error instanceof FailpointSyntaxError)) throw error;
      context.addIssue({ code: 'custom', message: `must be a list of failpoints: ${error.message}` });
      return z.NEVER;
    }
  });

/** Variables that every service has; spread them into the service's own object schema. */
export const commonConfigFields = {
  NODE_ENV: z.string().trim().default('development'),
  LOG_LEVEL: logLevel,
  LOG_FORMAT: logFormat,
  METRICS_PORT: port(8001),
  METRICS_HOST: z.string().default('0.0.0.0'),
  STOP_DEADLINE_MS: durationMs(25_000, { minMs: 100, maxMs: 600_000 }),
  FAILPOINTS: failpointList,
  FAILPOINTS_ALLOWED: booleanFlag(false),
  FAILPOINTS_EVIDENCE: z.string().trim().optional(),
} as const;

/** Log, metrics server and stop deadline of a service, nested. */
export const commonConfigSchema = z.object(commonConfigFields).transform((env) => toCommonConfig(env));

/** The nested form of the common variables. */
export interface CommonConfig {
  readonly log: { readonly level: z.output<typeof logLevel>; readonly format: z.output<typeof logFormat> };
  readonly metrics: { readonly port: number; readonly host: string };
  readonly stopDeadlineMs: number;
  readonly failpoints: FailpointConfig;
}

/** The value of `NODE_ENV` that forbids fault injection and requires secrets; the images set it. */
export const PRODUCTION = 'production';

/**
 * Nests parsed common variables; for schemas that spread `commonConfigFields`.
 * @throws ConfigError when failpoints are set in production, or set without permission. A single mistake never enables fault
 * injection.
 */
export function toCommonConfig(env: z.output<z.ZodObject<typeof commonConfigFields>>): CommonConfig {
  const issues = failpointIssues(env);
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
    metrics: { port: env.METRICS_PORT, host: env.METRICS_HOST },
    stopDeadlineMs: env.STOP_DEADLINE_MS,
    failpoints: { rules: env.FAILPOINTS, evidenceFile: env.FAILPOINTS_EVIDENCE ?? null },
  };
}

/** Production also rejects the permission: left behind, it would let the next `FAILPOINTS` take effect at once. */
function failpointIssues(env: z.output<z.ZodObject<typeof commonConfigFields>>): ConfigIssue[] {
  const hasRules = env.FAILPOINTS.length > 0;
  const isProduction = env.NODE_ENV === PRODUCTION;
  const issues: ConfigIssue[] = [];
  if (hasRules && isProduction) issues.push({ variable: 'FAILPOINTS', rule: 'must not be set in production' });
  else if (hasRules && !env.FAILPOINTS_ALLOWED) {
    issues.push({ variable: 'FAILPOINTS', rule: 'requires FAILPOINTS_ALLOWED=yes' });
  }
  if (env.FAILPOINTS_ALLOWED && isProduction) {
    issues.push({ variable: 'FAILPOINTS_ALLOWED', rule: 'must not be set in production' });
  }
  return issues;
}
