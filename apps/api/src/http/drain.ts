import type { Component, HealthServer } from '@tripline/runtime';

export interface DrainOptions {
  readonly health: Pick<HealthServer, 'markNotReady'>;
  /** How long the listener stays open after readiness fails, ms. Load balancers need this time to notice. */
  readonly delayMs: number;
}

export interface Drain extends Component {
  /** True once the stop has begun. Responses then ask clients to close their connections. */
  isDraining(): boolean;
}

/**
 * Started last and therefore stopped first. `/health/ready` fails at once, but the listener stays open for the delay to serve
 * load balancers that have not noticed yet.
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
