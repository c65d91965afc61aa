import type { Component, HealthServer } from '@tripline/runtime';

export interface DrainOptions {
  readonly health: Pick<HealthServer, 'markNotReady'>;
  /** From "not ready" to the end of the stop, ms: how long load balancers may take to notice. */
  readonly delayMs: number;
}

export interface Drain extends Component {
  /** True from the beginning of the stop: answers then ask the client to close its connection. */
  isDraining(): boolean;
}

/**
 * Started last, so stopped first. `/health/ready` fails at once, and the listener stays open for the delay: a load balancer that has
 * not noticed yet still gets its requests answered.
 */
export function createDrain({ health, delayMs }: DrainOptions): Drain {
  let draining: Promise<void> | undefined;
  return {
    name: 'drain',
    isDraining: () => draining !== undefined,
    start: () => Promise.resolve(),
    stop() {
      health.markNotReady('stopping');
      draining ??= new Promise((resolve) => setTimeout(resolve, delayMs));
      return draining;
    },
  };
}
