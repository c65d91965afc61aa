export { changePipeline } from './pipelines/change-pipeline';
export { listenForPipelineChanges } from './pipelines/pipeline-changes';
export type {
  DueSchedule,
  PipelineDefinition,
  PipelineRecord,
  PipelineVersionRecord,
} from './pipelines/pipeline-records';
export { createPipelineRepository, type PipelineRepository } from './pipelines/pipeline-repository';
export { pipelineOf } from './pipelines/pipeline-rows';
export { createScheduleStore, type ScheduleStore } from './pipelines/schedule-store';
export {
  createWebhookRepository,
  type WebhookRecord,
  type WebhookRepository,
  type WebhookSecretRecord,
} from './pipelines/webhook-repository';
export { createScannerRepository, type ScannerRecord, type ScannerRepository } from './scanners/scanner-repository';
