import { registerAuthRoutes, type AuthRoutesOptions } from '../auth/auth-routes';
import { registerAuthentication, type AuthenticationOptions } from '../auth/authentication';
import { registerCalendarRoutes, type CalendarRoutesOptions } from '../calendars/calendar-routes';
import { registerDecisionRoutes, type DecisionRoutesOptions } from '../decisions/decision-routes';
import { registerExecutionRoutes, type ExecutionRoutesOptions } from '../executions/execution-routes';
import { registerHaltRoutes, type HaltRoutesOptions } from '../halts/halt-routes';
import { registerHealthRoutes, type HealthRoutesOptions } from '../health/health-routes';
import { registerOrderRoutes, type OrderRoutesOptions } from '../orders/order-routes';
import { registerPipelineRoutes, type PipelineRoutesOptions } from '../pipelines/pipeline-routes';
import { registerPipelineStateRoutes, type PipelineStateRoutesOptions } from '../pipelines/pipeline-state-routes';
import { registerRunRoutes, type RunRoutesOptions } from '../pipelines/run-routes';
import { registerPositionRoutes, type PositionRoutesOptions } from '../positions/position-routes';
import { registerScannerRoutes, type ScannerRoutesOptions } from '../scanners/scanner-routes';
import { registerReplayRoutes, type ReplayRoutesOptions } from '../simulations/replay-routes';
import { registerSimulateRoutes, type SimulateRoutesOptions } from '../simulations/simulate-routes';
import { registerPublishRoutes, type PublishRoutesOptions } from '../signals/publish-routes';
import { registerSignalRoutes, type SignalRoutesOptions } from '../signals/signal-routes';
import { registerPermissionRoutes, type PermissionRoutesOptions } from '../users/permission-routes';
import { registerQuotaRoutes, type QuotaRoutesOptions } from '../users/quota-routes';
import { registerUserRoutes, type UserRoutesOptions } from '../users/user-routes';
import { registerVenueRoutes, type VenueRoutesOptions } from '../venues/venue-routes';
import { registerHookRoutes, type HookRoutesOptions } from '../webhooks/hook-routes';
import { registerWebhookRoutes, type WebhookRoutesOptions } from '../webhooks/webhook-routes';
import type { ApiApp } from './api-app';

/** The dependencies of each route group. The groups are independent of each other. */
export interface RoutesOptions {
  authentication: AuthenticationOptions;
  auth: AuthRoutesOptions;
  users: UserRoutesOptions;
  permissions: PermissionRoutesOptions;
  quotas: QuotaRoutesOptions;
  scanners: ScannerRoutesOptions;
  pipelines: PipelineRoutesOptions & PipelineStateRoutesOptions;
  runs: RunRoutesOptions;
  venues: VenueRoutesOptions;
  webhooks: WebhookRoutesOptions;
  calendars: CalendarRoutesOptions;
  hooks: HookRoutesOptions;
  decisions: DecisionRoutesOptions;
  executions: ExecutionRoutesOptions;
  orders: OrderRoutesOptions & PositionRoutesOptions;
  signals: SignalRoutesOptions;
  publishing: PublishRoutesOptions;
  halts: HaltRoutesOptions;
  simulations: SimulateRoutesOptions & ReplayRoutesOptions;
  health: HealthRoutesOptions;
}

/** Registers authentication, then every route of the API. */
export function registerRoutes(app: ApiApp, options: RoutesOptions): void {
  registerAuthentication(app, options.authentication);
  registerHealthRoutes(app, options.health);
  registerAuthRoutes(app, options.auth);
  registerUserRoutes(app, options.users);
  registerPermissionRoutes(app, options.permissions);
  registerQuotaRoutes(app, options.quotas);
  registerScannerRoutes(app, options.scanners);
  registerPipelineRoutes(app, options.pipelines);
  registerPipelineStateRoutes(app, options.pipelines);
  registerRunRoutes(app, options.runs);
  registerCalendarRoutes(app, options.calendars);
  registerVenueRoutes(app, options.venues);
  registerWebhookRoutes(app, options.webhooks);
  registerHookRoutes(app, options.hooks);
  registerDecisionRoutes(app, options.decisions);
  registerExecutionRoutes(app, options.executions);
  registerOrderRoutes(app, options.orders);
  registerPositionRoutes(app, options.orders);
  registerSignalRoutes(app, options.signals);
  registerPublishRoutes(app, options.publishing);
  registerHaltRoutes(app, options.halts);
  registerSimulateRoutes(app, options.simulations);
  registerReplayRoutes(app, options.simulations);
}
