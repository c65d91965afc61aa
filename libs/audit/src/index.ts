export type {
  AuditSnapshot,
  BrokerEntry,
  DeadRow,
  DecisionLogRow,
  ExecutionRow,
  IntentRow,
  NotificationRow,
  PublishedSignal,
  QueueJob,
  TopicRecord,
  ZombieWrites,
} from './audit-snapshot';
export { type CheckOptions, type CheckResult, checkSnapshot, type CheckSummary, describeViolation } from './check';
export { orderParams } from './order-params';
export type { CheckId } from './violation';
