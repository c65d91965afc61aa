import { claimRuns, runLocks } from './claim-statement';
import * as read from './decision-statements';
import * as write from './decision-writes';
import { checkpointRun, endedIds, endRuns, explainRuns, releaseRun, renewRuns } from './ending-statements';
import { abandonIntent, acquireIntent, adoptIntent, openIntents } from './intent-statements';
import { runKey, type StatementModel, textsOf } from './statements';
import * as rules from './rule-statements';
import * as sweep from './sweep-statements';
import type { Tables } from './tables';

const firstAsRuns = (tables: Tables, [ids]: readonly unknown[]): string[] => runLocks(tables, textsOf(ids));
const firstAsRun = (_tables: Tables, [id]: readonly unknown[]): string[] => [runKey(id as string)];

/** Models by statement name. A statement must have a model here before it can be simulated. */
export const STATEMENTS: Readonly<Record<string, StatementModel>> = {
  'decide-lock-progress': { locks: read.progressLocks, run: read.readProgress },
  'decide-insert-progress': { locks: read.progressLocks, run: read.insertProgress },
  'decide-read-moment': { run: read.readMoment },
  'decide-read-states': { run: read.readStates },
  'decide-lock-quotas': { locks: read.quotaLocks, run: () => 0 },
  'decide-lock-states': { locks: read.stateLocks, run: () => 0 },
  'decide-read-usage': { run: read.readUsage },
  'decide-read-known-signals': { run: read.readKnownSignals },
  'decide-read-known-runs': { run: read.readKnownRuns },
  'decide-write-signals': { run: write.writeSignals },
  'decide-write-matches': { locks: write.matchLocks, run: write.writeMatches },
  'decide-write-executions': { locks: write.executionLocks, run: write.writeExecutions },
  'decide-write-states': { run: write.writeStates },
  'decide-end-runs': { locks: write.endRunsLocks, run: write.endReplaced },
  'decide-write-usage': { run: write.writeUsage },
  'decide-write-dead': { run: write.writeDead },
  'decide-write-progress': { run: write.writeProgress },
  'decide-acknowledge-enqueued': { run: write.acknowledgeEnqueued },
  'executions-claim': { locks: firstAsRuns, run: claimRuns },
  'executions-end': { locks: (tables, [json]) => runLocks(tables, endedIds(json)), run: endRuns },
  'executions-explain': { run: explainRuns },
  'executions-renew': { locks: firstAsRuns, run: renewRuns },
  'execution-checkpoint': { locks: firstAsRun, run: checkpointRun },
  'execution-release': { locks: firstAsRun, run: releaseRun },
  'sweep-running': { run: sweep.sweepRunning },
  'sweep-pending': { run: sweep.sweepPending },
  'sweep-expire-waiting': { run: sweep.expireWaiting },
  'sweep-free-places': { run: sweep.findFreePlaces },
  'sweep-lock-pipelines': { run: sweep.lockPipelines },
  'sweep-promote': { run: sweep.promoteWaiting },
  'rules-read': { run: rules.readRules },
  'rules-write': { run: rules.writeRules },
  // There are never more states than named tickers, so nothing is ever evicted.
  'rules-evict': { run: () => [] },
  'rules-drop': { run: rules.dropRules },
  'rules-due': { run: rules.dueRules },
  'rules-purge': { run: rules.purgeRules },
  'intents-open': { run: openIntents },
  'intents-adopt': { run: adoptIntent },
  'intents-abandon': { run: abandonIntent },
  'intents-acquire': { run: acquireIntent },
};
