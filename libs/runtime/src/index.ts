export { createManualClock, systemClock, type Clock, type ManualClock } from './clock/clock';
export {
  commonConfigFields,
  commonConfigSchema,
  PRODUCTION,
  toCommonConfig,
  type CommonConfig,
} from './config/common-config';
export {
  booleanFlag,
  csvList,
  decimal,
  durationMs,
  integer,
  parseDurationMs,
  port,
  requiredCsvList,
  secret,
} from './config/fields';
export { isKnownSample } from './config/known-samples';
export { ConfigError, parseConfig, type ConfigIssue, type Environment } from './config/parse-config';
export { parseConfigParts, type ParsedParts } from './config/parse-config-parts';
export { Secret } from './config/secret';
export {
  armFailpoints,
  failpoint,
  FailpointError,
  type FailpointConfig,
  type FailpointHost,
} from './failpoints/failpoint';
export { type FailpointName, FAILPOINTS, parseFailpoints } from './failpoints/parse-failpoints';
export {
  createProgress,
  type CheckResult,
  type HealthReport,
  type ProgressCheck,
  type ReadinessCheck,
} from './health/checks';
export { createDrain, createHealthServer, type HealthServer, type HealthServerOptions } from './health/health-server';
export { type Component } from './lifecycle/component';
export { createIntervalLoop, type IntervalLoopOptions } from './lifecycle/interval-loop';
export { createLifecycle, type Lifecycle, type LifecycleOptions, type StopReport } from './lifecycle/lifecycle';
export { createMulberry32 } from './random/mulberry32';
export { coalesceWrites } from './streams/coalesce-writes';
export { runService, type RunningService, type RunServiceOptions } from './lifecycle/run-service';
export { endsWithin, TimeoutError, withTimeout } from './timeouts/with-timeout';
