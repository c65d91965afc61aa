import type { CollectionResult } from '@opentelemetry/sdk-metrics';

/**
 * What the preload gives to the application. The two are separate bundles with separate module state, so it travels
 * on `globalThis`; OpenTelemetry's own API object does the same.
 */
export interface TelemetryHandover {
  readonly service: string;
  readonly metricReader: { collect(options?: { timeoutMillis?: number }): Promise<CollectionResult> };
  /** Exports what is pending and stops; idempotent. */
  shutdown(): Promise<void>;
}

const HANDOVER_KEY = Symbol.for('tripline.telemetry');

type GlobalWithHandover = typeof globalThis & { [HANDOVER_KEY]?: TelemetryHandover | undefined };

/** The handover of the preload, if it ran. */
export function readHandover(): TelemetryHandover | undefined {
  return (globalThis as GlobalWithHandover)[HANDOVER_KEY];
}

/** Publishes the handover, or takes it back. */
export function writeHandover(handover: TelemetryHandover | undefined): void {
  (globalThis as GlobalWithHandover)[HANDOVER_KEY] = handover;
}
