import { METRIC_CATALOGUE } from '.';
import type { MetricDefinition } from '../definition';
import { PLANNED_METRICS } from '../planned';

/** The same rules hold for planned metrics, so that an entry can move to the catalogue unchanged. */
const ENTRIES = [...Object.entries<MetricDefinition>(METRIC_CATALOGUE), ...PLANNED_METRICS];
/** Gauges that dashboards ask for under a counter's name; their help says why. */
const GAUGES_NAMED_TOTAL = [
  'pnl_total',
  'strategy_pnl_total',
  'strategies_total',
  'cache_entries_total',
  'strategy_instruments_total',
];

describe('METRIC_CATALOGUE', () => {
  it('holds valid names and labels, no reserved ones, and never a plain id', () => {
    for (const [name, { labels }] of ENTRIES) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      for (const label of Object.keys(labels)) {
        expect(label).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(['le', 'quantile', 'job', 'instance']).not.toContain(label);
        if (label.endsWith('_id')) expect(labels[label]).toBe('pipeline');
      }
    }
  });

  it('ends counters, and nothing else without a stated reason, in _total', () => {
    for (const [name, { type, help, source }] of ENTRIES) {
      if (source === 'otel') continue;
      if (GAUGES_NAMED_TOTAL.includes(name)) {
        expect(type).toBe('gauge');
        expect(help).toContain('A gauge, because it');
      } else {
        expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      }
    }
  });

  it('gives every metric a sentence and at least one service', () => {
    for (const [name, { help, services }] of ENTRIES) {
      expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z].*[.)]$/)]);
      expect(services.length).toBeGreaterThan(0);
    }
  });

  it('gives every own histogram ascending buckets of its own, none of them a whole number', () => {
    for (const [name, { type, buckets, source }] of ENTRIES) {
      expect([name, buckets !== undefined]).toEqual([name, type === 'histogram' && source === 'own']);
      if (buckets === undefined) continue;
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
      expect(new Set(buckets).size).toBe(buckets.length);
      expect(buckets.filter(Number.isInteger)).toEqual([]);
    }
  });

  it('holds no planned metric and no alias of one', () => {
    for (const [name, { aliases }] of PLANNED_METRICS) {
      for (const taken of [name, ...aliases]) expect(Object.keys(METRIC_CATALOGUE)).not.toContain(taken);
    }
  });

  it('has no two families whose samples share a name', () => {
    const owners = new Map<string, string>();
    for (const [name, { type }] of ENTRIES) {
      const base = name.replace(/_total$/, '');
      const names =
        type === 'counter'
          ? [base, name]
          : type === 'histogram'
            ? ['', '_bucket', '_sum', '_count'].map((s) => name + s)
            : [name];
      for (const sample of names) {
        expect([sample, owners.get(sample) ?? name]).toEqual([sample, name]);
        owners.set(sample, name);
      }
    }
  });
});
