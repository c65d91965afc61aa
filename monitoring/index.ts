export { FAULT_METRICS, RARE_METRICS } from './checks/fault-metrics';
export { listPanelQueries, type DashboardQuery, type QueryWindow } from './grafana/dashboards';
export {
  LOCAL_TARGETS,
  renderPrometheusConfig,
  SCRAPE_JOBS,
  type PrometheusConfigOptions,
  type ScrapeJob,
} from './prometheus/render';
