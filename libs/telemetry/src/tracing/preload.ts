import { setSourceMapsSupport } from 'node:module';

import type { ServiceName } from '../metrics/definition';
import { readHandover, writeHandover } from './handover';
import type * as Sdk from './sdk';

export interface PreloadOptions {
  /** Default of the resource attribute `service.name`; `OTEL_SERVICE_NAME` overrides it. */
  readonly service: ServiceName;
}

/**
 * Starts OpenTelemetry. Call it in `instrument.ts`, which is loaded with `node -r` before anything else, because
 * instrumentations patch modules when those are first required. Later calls do nothing.
 *
 * The SDK reads its standard `OTEL_*` variables; docs/configuration.md lists them and the defaults that differ.
 */
export function preload(options: PreloadOptions): void {
  if (readHandover() !== undefined) return;
  // `--enable-source-maps` parses the source map of every package too; ours are enough, and the SDK has hundreds of files.
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  // Required here: whoever imports this library without starting OpenTelemetry (tests, scripts) does not load the SDK.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see the line above
  const { startSdk } = require('./sdk') as typeof Sdk;
  writeHandover(startSdk(options.service));
}

/** Exports pending spans and stops OpenTelemetry; never rejects, takes at most 3 s. Without a preload it does nothing. */
export async function shutdownTracing(): Promise<void> {
  await readHandover()?.shutdown();
}
