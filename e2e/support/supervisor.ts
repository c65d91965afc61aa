import type { AppProcess } from '../../tools/demo/app-process';

/** A process that ended although nobody asked it to. */
export interface Exit {
  readonly app: string;
  readonly code: number | null;
}

/** Stands in for Kubernetes (`restartPolicy: Always`): a service that ends is launched again. */
export interface Supervisor {
  readonly exits: readonly Exit[];
  /** SIGKILL and a new launch, without waiting for readiness. */
  killAndRelaunch(app: AppProcess): Promise<void>;
  /** SIGTERM, and no new launch; the exit code. */
  retire(app: AppProcess): Promise<number | null>;
  /** From now on a process that ends stays where it is. */
  stop(): void;
}

/**
 * Watches services that run already. In production their own orchestrator does this: a service exits with 1 when
 * something is broken that only a restart mends (a Kafka consumer that gave up, a start without its database).
 */
export function supervise(apps: readonly AppProcess[]): Supervisor {
  const exits: Exit[] = [];
  const asked = new Set<AppProcess>();
  let isStopped = false;

  const watch = (app: AppProcess): void => {
    void app.ended.then((code) => {
      if (isStopped || asked.has(app)) return;
      exits.push({ app: app.name, code });
      app.launch();
      watch(app);
    });
  };
  for (const app of apps) watch(app);

  return {
    exits,
    async killAndRelaunch(app) {
      asked.add(app);
      await app.kill();
      asked.delete(app);
      app.launch();
      watch(app);
    },
    retire(app) {
      asked.add(app);
      return app.stop();
    },
    stop: () => {
      isStopped = true;
    },
  };
}
