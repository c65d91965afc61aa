import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { LOCAL_TARGETS, renderPrometheusConfig, SCRAPE_JOBS } from './render';

interface PrometheusYaml {
  readonly global: { scrape_interval: string; scrape_timeout?: string };
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly { job_name: string; static_configs: { targets: string[] }[] }[];
}

const parseConfig = (text: string): PrometheusYaml => parse(text) as PrometheusYaml;

describe('renderPrometheusConfig', () => {
  it('names the given targets under the jobs of the dashboards', () => {
    const config = parseConfig(
      renderPrometheusConfig({ targets: LOCAL_TARGETS, scrapeIntervalSeconds: 1, rulesDir: '/tmp/rules' }),
    );
    expect(config.scrape_configs.map(({ job_name, static_configs }) => [job_name, static_configs[0]?.targets])).toEqual(
      [
        ['backend', ['localhost:8001']],
        ['worker', ['localhost:8002']],
        ['signal-generator', ['localhost:8003']],
        ['trigger-dispatcher', ['localhost:8004']],
      ],
    );
    expect(config.global.scrape_interval).toBe('1s');
    expect(config.rule_files).toEqual(['/tmp/rules/*.yml']);
  });

  it('never waits longer for a scrape than until the next one', () => {
    const timeoutAt = (scrapeIntervalSeconds: number): string | undefined =>
      parseConfig(renderPrometheusConfig({ targets: LOCAL_TARGETS, scrapeIntervalSeconds })).global.scrape_timeout;
    expect([timeoutAt(1), timeoutAt(15)]).toEqual(['1s', '10s']);
  });
});

describe('prometheus.yml', () => {
  it('scrapes the same jobs every 15 seconds on port 8001', () => {
    const config = parseConfig(readFileSync(join(__dirname, 'prometheus.yml'), 'utf8'));
    expect(config.global.scrape_interval).toBe('15s');
    expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual([...SCRAPE_JOBS]);
    for (const { static_configs } of config.scrape_configs) {
      expect(static_configs[0]?.targets[0]).toMatch(/^[a-z-]+:8001$/);
    }
  });
});
