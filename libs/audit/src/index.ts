export type {
  Books,
  BrokerEntry,
  DeadRow,
  ExecutionRow,
  IntentRow,
  LedgerRow,
  NotificationRow,
  PublishedSignal,
  QueueJob,
  TopicRecord,
  ZombieWrites,
} from './books';
export { checkBooks, type CheckOptions, type CheckResult, type CheckSummary, describeViolation } from './check';
export { orderParams } from './order-params';
export type { CheckId } from './violation';
