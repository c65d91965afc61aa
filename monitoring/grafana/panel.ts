/** Grafana's grid is this many columns wide; the SDK's own layout runs past it, so positions are set here. */
export const GRID_COLUMNS = 24;

export interface PanelQuery {
  /** PromQL; may use Grafana's `$__rate_interval` and `$__range`. */
  readonly expr: string;
  /** Legend template, for example `{{status}}`. */
  readonly legend: string;
}

export interface ThresholdStep {
  /** Lower bound of the step; null is minus infinity and belongs to the first step only. */
  readonly from: number | null;
  readonly color: string;
}

/** One panel as data: what it asks, in which unit it shows the answer, and what the answer means. */
export interface PanelSpec {
  readonly title: string;
  /** The panel's name in the requirements, where ours differs. */
  readonly requiredAs?: string;
  readonly description: string;
  /** `status` is a stat that shows UP or DOWN. */
  readonly kind: 'stat' | 'status' | 'timeseries';
  /** A unit id of Grafana, for example `s`, `percent`, `cps`. */
  readonly unit: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly thresholds?: readonly ThresholdStep[];
  /** Shown instead of "No data" where having none is normal, for example a latency without traffic. */
  readonly noValue?: string;
  readonly width: number;
  readonly height: number;
  readonly queries: readonly PanelQuery[];
}

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** How often open dashboards reload, for example `10s`. */
  readonly refresh: string;
  /** Start of the shown time range, for example `now-1h`. */
  readonly from: string;
  readonly rows: readonly RowSpec[];
}

/** p50, p95 and p99 of a histogram over the dashboard's rate window. `selector` is PromQL without braces. */
export function quantileQueries(histogram: string, selector: string): PanelQuery[] {
  return [50, 95, 99].map((percent) => ({
    expr: `histogram_quantile(${percent / 100}, sum by (le) (rate(${histogram}_bucket{${selector}}[$__rate_interval])))`,
    legend: `p${percent}`,
  }));
}
