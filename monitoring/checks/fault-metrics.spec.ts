import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { METRIC_CATALOGUE } from '@tripline/telemetry';

import { FAULT_METRICS, RARE_METRICS } from './fault-metrics';

const ROOT = join(__dirname, '../..');

describe('FAULT_METRICS', () => {
  it.each([...FAULT_METRICS, ...RARE_METRICS.map(({ metric, spec }) => [metric, spec] as const)])(
    'names a spec for %s that exists and asserts the metric',
    (metric, spec) => {
      expect(Object.keys(METRIC_CATALOGUE)).toContain(metric);
      const source = existsSync(join(ROOT, spec)) ? readFileSync(join(ROOT, spec), 'utf8') : '';
      const assertions = source.split('\n').filter((line) => line.includes(metric));
      expect([spec, assertions.length]).not.toEqual([spec, 0]);
    },
  );
});
