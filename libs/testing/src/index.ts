export {
  BUILDER_TIME,
  buildBar,
  buildBars,
  buildPipeline,
  buildSchedule,
  buildSignal,
  buildTrigger,
  DEFAULT_AGENT_SETTINGS,
} from './builders';
export { eventually, type EventuallyOptions } from './eventually';
export { describeWithSharedData, readSharedJson, readSharedText, readVegaCsv } from './shared-data';
export { readReference } from './reference-values';
export { testInfra, type TestInfra } from './test-infra';
export { testProgram } from './test-program';
export { uniqueName } from './unique-name';
