import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseExpression } from '../checks/promql';
import { buildDashboard } from './build-dashboard';
import { DASHBOARDS, listPanelQueries } from './dashboards';
import { GRID_COLUMNS, type PanelSpec } from './panel';
import { tradingPlatformOverview } from './trading-platform-overview';

/** The rows and panels the requirements list, under their names; per-agent time is asked for among the metrics. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'System Health': [
    'Active Pipelines',
    'Active Users',
    'Executions Today',
    'Success Rate (24h)',
    'Running Now',
    'Pending',
  ],
  'System Status': ['Backend API', 'Celery Worker', 'Signal Generator', 'Trigger Dispatcher'],
  'Signal Generator Service': [
    'Signal Generation Rate',
    'Total Signals Generated',
    'Kafka Publish Latency',
    'Kafka Publish Success Rate',
    'Kafka Failures',
  ],
  'Trigger Dispatcher Service': [
    'Cached Pipelines',
    'Signals Consumed',
    'Pipelines Matched',
    'Pipelines Enqueued',
    'Pipelines Skipped (already running)',
    'Batch Processing Latency',
  ],
  'Pipeline Execution': [
    'Pipeline Executions (by status)',
    'Execution Duration (p50, p95, p99)',
    'Per-agent time',
    'Execution Success Rate',
    'Total Execution Cost',
  ],
};

interface BuiltPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly targets?: readonly { refId: string; expr: string }[];
}

const panelsOf = (spec: (typeof DASHBOARDS)[number]): BuiltPanel[] =>
  (buildDashboard(spec).panels ?? []) as unknown as BuiltPanel[];

const overlap = (a: BuiltPanel['gridPos'], b: BuiltPanel['gridPos']): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe('Trading Platform Overview', () => {
  it('has the five rows and 26 panels of the requirements, in their order', () => {
    const shown = Object.fromEntries(
      tradingPlatformOverview.rows.map((row) => [
        row.title,
        row.panels.map((panel: PanelSpec) => panel.requiredAs ?? panel.title),
      ]),
    );
    expect(shown).toEqual(REQUIRED);
    expect(tradingPlatformOverview.rows.flatMap((row) => row.panels)).toHaveLength(26);
  });
});

describe.each(DASHBOARDS.map((spec) => [spec.uid, spec] as const))('dashboard %s', (uid, spec) => {
  it('is committed as the code makes it', () => {
    const committed = readFileSync(join(__dirname, 'dashboards', `${uid}.json`), 'utf8');
    expect(committed).toBe(`${JSON.stringify(buildDashboard(spec), null, 2)}\n`);
  });

  it('gives every panel a unit, a description and a query in valid PromQL', () => {
    for (const panel of spec.rows.flatMap((row) => row.panels)) {
      expect([panel.title, panel.unit, panel.description.length > 10, panel.queries.length > 0]).toEqual([
        panel.title,
        expect.stringMatching(/./),
        true,
        true,
      ]);
    }
    for (const { panel, expr } of listPanelQueries({ rateInterval: '1m' })) {
      expect([panel, parseExpression(expr).errors]).toEqual([panel, []]);
      expect(expr).not.toContain('$');
    }
  });

  it('numbers panels and queries without a double', () => {
    const panels = panelsOf(spec);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets = [] } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('keeps every panel inside the grid and off the others', () => {
    const panels = panelsOf(spec);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(GRID_COLUMNS);
    const clashes = panels.flatMap((one, index) =>
      panels
        .slice(index + 1)
        .filter((other) => overlap(one.gridPos, other.gridPos))
        .map(({ title }) => [one.title, title]),
    );
    expect(clashes).toEqual([]);
  });
});
