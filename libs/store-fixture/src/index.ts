export { CLAIM, claimed, claimedRuns, fillOf, intentOf, orderEnding, STEP } from './executions';
export { buildChunk, buildRecord, type Fixture, openFixture } from './fixture';
export { describeStatementPlans, statementsOf } from './statement-plans';
