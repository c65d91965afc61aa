import { describeStatementPlans, statementsOf } from '@tripline/store-fixture';

import * as claim from '../src/executions/claim-sql';
import * as ending from '../src/executions/ending-sql';
import * as execution from '../src/executions/execution-sql';
import * as sweep from '../src/executions/sweep-sql';

/** The sweeper finds due rows through their partial index. */
const BY_DESIGN = {
  'sweep-running': 'Index Scan on executions (executions_running)',
  'sweep-pending': 'Index Scan on executions (executions_pending)',
  'sweep-expire-waiting': 'Index Scan on executions (executions_waiting)',
  'sweep-free-places': 'Index Only Scan on executions (executions_waiting)',
  'sweep-promote': 'Index Scan on executions (executions_waiting)',
};

describeStatementPlans(statementsOf(claim, ending, execution, sweep), BY_DESIGN);
