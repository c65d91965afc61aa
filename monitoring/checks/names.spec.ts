import { checkAlert } from './alerts';
import { loadRules, type Rule } from './expressions';
import { checkExpression, knownSeries, unusedMetrics, withRecordedSeries, type KnownMetric } from './names';

const catalogue: Readonly<Record<string, KnownMetric>> = {
  http_requests_total: { type: 'counter', labels: { method: ['GET', 'POST'], status: 40 } },
  http_request_duration_seconds: { type: 'histogram', labels: { method: ['GET', 'POST'] } },
  queue_depth: { type: 'gauge', labels: {} },
};
const recorded = (record: string, expr: string): Rule => ({
  source: record,
  record,
  expr,
  labels: {},
  annotations: {},
});
const series = withRecordedSeries(knownSeries(catalogue), [
  recorded('http_server_requests_total', 'http_requests_total'),
]);
const planned = knownSeries({
  pnl_total: { type: 'gauge', labels: {} },
  scan_seconds: { type: 'histogram', labels: {} },
});
const problemsOf = (expr: string): string[] => checkExpression({ source: 'test', expr }, { series, planned });

describe('checkExpression', () => {
  it.each([
    'sum by (status) (rate(http_requests_total{method="GET",job="backend"}[5m]))',
    'histogram_quantile(0.95, sum by (le, method) (rate(http_request_duration_seconds_bucket[5m])))',
    'sum(http_server_requests_total{status=~"5.."}) or vector(0)',
    'min(up{job="worker"}) or on () vector(0)',
    'http_requests_total / on (method, instance) group_left () http_requests_total',
  ])('takes %s', (expr) => {
    expect(problemsOf(expr)).toEqual([]);
  });

  it.each([
    ['sum(rate(http_request_total[5m]))', 'test: no service exports http_request_total'],
    ['http_request_duration_seconds', 'test: no service exports http_request_duration_seconds'],
    ['sum(pnl_total)', 'test: pnl_total is planned: nothing records it yet'],
    ['rate(scan_seconds_count[5m])', 'test: scan_seconds_count is planned: nothing records it yet'],
    ['queue_depth_bucket', 'test: no service exports queue_depth_bucket'],
    ['http_requests_total{code="500"}', 'test: http_requests_total has no label code'],
    ['http_requests_total{method="FETCH"}', 'test: method of http_requests_total is never FETCH'],
    ['http_requests_total{method=~"GET|PUT"}', 'test: method of http_requests_total is never PUT'],
    ['sum by (route) (http_requests_total)', 'test: none of its metrics has the label route'],
    ['{job="worker"}', 'test: no service exports a metric without a name'],
  ])('refuses %s', (expr, problem) => {
    expect(problemsOf(expr)).toEqual([problem]);
  });

  it('refuses what is no PromQL', () => {
    expect(problemsOf('sum(rate(http_requests_total[5m])')[0]).toMatch(/^test: syntax error at /);
  });
});

describe('unusedMetrics', () => {
  it('names the metrics that nothing reads', () => {
    const expressions = [{ source: 'test', expr: 'rate(http_request_duration_seconds_sum[5m]) + queue_depth' }];
    expect(unusedMetrics(catalogue, expressions)).toEqual(['http_requests_total']);
  });
});

describe('checkAlert', () => {
  it('finds severity, summary and an existing runbook on every alert of the repo', () => {
    expect(loadRules().flatMap(checkAlert)).toEqual([]);
  });

  it('tells what an alert lacks', () => {
    const alert: Rule = {
      source: 'a.yml: X',
      alert: 'X',
      expr: '1',
      labels: { severity: 'loud' },
      annotations: { runbook_url: 'docs/runbooks/none.md' },
    };
    expect(checkAlert(alert)).toEqual([
      'a.yml: X: severity is none of critical, warning, info',
      'a.yml: X: has no summary',
      'a.yml: X: its runbook docs/runbooks/none.md does not exist',
    ]);
  });
});
