import { TimeoutError, withTimeout } from '../timeouts/with-timeout';
import type { Logger } from '@tripline/telemetry';

import { type Clock, systemClock } from '../clock/clock';
import type { Component } from './component';

export interface LifecycleOptions {
  readonly logger: Logger;
  /** In start order: clients first, intake last; they stop in reverse. */
  readonly components: readonly Component[];
  /** Time limit for all stops together, in milliseconds; must be shorter than the platform's grace period. */
  readonly stopDeadlineMs: number;
  readonly clock?: Clock;
}

/** The result of a stop. */
export interface StopReport {
  /** Components whose stop threw or missed the deadline; empty after a clean stop. */
  readonly failed: readonly string[];
}

/** Starts and stops the components of a service. */
export interface Lifecycle {
  /** Starts in order. When a start fails, stops the components already started and throws the error. */
  start(): Promise<void>;
  /** Stops once, in reverse order. A component that throws does not prevent the others from stopping. Never rejects. */
  stop(): Promise<StopReport>;
}

/** Creates a lifecycle; it does nothing until started. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  return new ComponentLifecycle(options);
}

class ComponentLifecycle implements Lifecycle {
  private readonly started: Component[] = [];
  private readonly clock: Clock;
  private starting: Promise<void> | undefined;
  private stopping: Promise<StopReport> | undefined;

  constructor(private readonly options: LifecycleOptions) {
    this.clock = options.clock ?? systemClock;
  }

  start(): Promise<void> {
    return (this.starting ??= this.startAll());
  }

  stop(): Promise<StopReport> {
    return (this.stopping ??= this.stopAll());
  }

  private async startAll(): Promise<void> {
    for (const component of this.options.components) {
      // A stop that arrives during the start aborts it; the components that already run are being stopped.
      if (this.stopping !== undefined) return;
      const startedAt = this.clock.monotonicMs();
      this.started.push(component);
      try {
        await component.start();
      } catch (error) {
        this.options.logger.error(
          { event: 'component_start_failed', component: component.name, err: error },
          'component failed to start',
        );
        await this.stop();
        throw error;
      }
      const durationMs = this.elapsedSince(startedAt);
      this.options.logger.debug(
        { event: 'component_started', component: component.name, durationMs },
        'component started',
      );
    }
  }

  private async stopAll(): Promise<StopReport> {
    const failed: string[] = [];
    const deadlineAt = this.clock.monotonicMs() + this.options.stopDeadlineMs;
    for (let component = this.started.pop(); component !== undefined; component = this.started.pop()) {
      const startedAt = this.clock.monotonicMs();
      const error = await stopWithin(component, deadlineAt - startedAt);
      const fields = { component: component.name, durationMs: this.elapsedSince(startedAt) };
      if (error === undefined) {
        this.options.logger.debug({ event: 'component_stopped', ...fields }, 'component stopped');
      } else {
        failed.push(component.name);
        this.options.logger.error(
          { event: 'component_stop_failed', ...fields, err: error },
          'component failed to stop',
        );
      }
    }
    return { failed };
  }

  private elapsedSince(startedAtMs: number): number {
    return Math.round((this.clock.monotonicMs() - startedAtMs) * 1000) / 1000;
  }
}

/** Returns the error, if any. After the deadline every remaining stop is still called, with a short time for immediate work. */
async function stopWithin(component: Component, remainingMs: number): Promise<Error | undefined> {
  const stopping = Promise.resolve().then(() => component.stop());
  try {
    await withTimeout(stopping, Math.max(remainingMs, 50));
    return undefined;
  } catch (error) {
    if (error instanceof TimeoutError) return new Error('not stopped within the deadline', { cause: error });
    return error instanceof Error ? error : new Error(String(error));
  }
}
