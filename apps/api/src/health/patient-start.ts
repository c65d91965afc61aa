import type { Component } from '@tripline/runtime';
import type { Logger } from '@tripline/telemetry';

export interface PatientStart extends Component {
  isStarted(): boolean;
}

/**
 * Starts a component in the background and retries until it succeeds, because reads must work while Kafka or Redis is
 * unavailable. Until then readiness and every call to the component fail.
 */
export function startPatiently(component: Component, logger: Logger, retryMs = 2_000): PatientStart {
  let isStarted = false;
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let attempt: Promise<void> | undefined;
  const tryOnce = async (): Promise<void> => {
    try {
      await component.start();
      isStarted = true;
    } catch (error) {
      logger.warn(
        { event: 'component_start_retried', component: component.name, err: error },
        'start failed; retrying',
      );
      if (!isStopping) {
        timer = setTimeout(() => {
          attempt = tryOnce();
        }, retryMs);
      }
    }
  };
  return {
    name: component.name,
    isStarted: () => isStarted,
    start() {
      attempt = tryOnce();
      return Promise.resolve();
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await attempt;
      await component.stop();
    },
  };
}
