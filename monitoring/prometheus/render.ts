import { stringify } from 'yaml';

/** Scrape jobs by the names dashboards and alerts select by; `backend` is the API. */
export const SCRAPE_JOBS = ['backend', 'worker', 'signal-generator', 'trigger-dispatcher'] as const;
export type ScrapeJob = (typeof SCRAPE_JOBS)[number];

export interface PrometheusConfigOptions {
  /** Job → `host:port` of each instance. */
  readonly targets: Readonly<Record<ScrapeJob, readonly string[]>>;
  /** Also how often rules are evaluated. */
  readonly scrapeIntervalSeconds: number;
  /** Folder of the rule files; no rules are loaded without it. */
  readonly rulesDir?: string;
}

/** The four services on one host, each with the metrics port it has there. */
export const LOCAL_TARGETS: PrometheusConfigOptions['targets'] = {
  backend: ['localhost:8001'],
  worker: ['localhost:8002'],
  'signal-generator': ['localhost:8003'],
  'trigger-dispatcher': ['localhost:8004'],
};

/**
 * A Prometheus configuration (YAML) for processes that run outside containers: same jobs as `prometheus.yml`, other
 * addresses. The scrape timeout is the interval, at most ten seconds.
 */
export function renderPrometheusConfig(options: PrometheusConfigOptions): string {
  const interval = `${options.scrapeIntervalSeconds}s`;
  return stringify({
    global: {
      scrape_interval: interval,
      scrape_timeout: `${Math.min(options.scrapeIntervalSeconds, 10)}s`,
      evaluation_interval: interval,
    },
    rule_files: options.rulesDir === undefined ? [] : [`${options.rulesDir}/*.yml`],
    scrape_configs: SCRAPE_JOBS.map((job) => ({
      job_name: job,
      static_configs: [{ targets: [...options.targets[job]] }],
    })),
  });
}
