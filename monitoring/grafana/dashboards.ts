import type { DashboardSpec } from './panel';
import { tradingPlatformOverview } from './trading-platform-overview';

/** Every dashboard; the file name of each is its uid. */
export const DASHBOARDS: readonly DashboardSpec[] = [tradingPlatformOverview];

export interface DashboardQuery {
  readonly dashboard: string;
  readonly row: string;
  readonly panel: string;
  readonly expr: string;
}

/** Every query of every panel, with Grafana's own variables still in it. */
export function listDashboardQueries(): DashboardQuery[] {
  return DASHBOARDS.flatMap((dashboard) =>
    dashboard.rows.flatMap((row) =>
      row.panels.flatMap((panel) =>
        panel.queries.map(({ expr }) => ({ dashboard: dashboard.uid, row: row.title, panel: panel.title, expr })),
      ),
    ),
  );
}

export interface QueryWindow {
  /** Stands for `$__rate_interval`; at least four scrape intervals. */
  readonly rateInterval: string;
  /** Stands for `$__range` and `$__interval`; the rate interval unless given. */
  readonly range?: string;
}

/**
 * Every panel query as Prometheus itself takes it. A test runs each while the demo runs and demands an answer:
 * a panel that shows nothing then is broken.
 */
export function listPanelQueries(window: QueryWindow): DashboardQuery[] {
  const range = window.range ?? window.rateInterval;
  return listDashboardQueries().map((query) => ({
    ...query,
    expr: expandVariables(query.expr, window.rateInterval, range),
  }));
}

/** Puts durations in the place of the variables that only Grafana knows. */
export function expandVariables(expr: string, rateInterval: string, range: string): string {
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll('$__interval', range);
}
