import { MetricReader } from '@opentelemetry/sdk-metrics';

/** A reader that does nothing until `collect()` is called by a scrape. */
export class PullMetricReader extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}
