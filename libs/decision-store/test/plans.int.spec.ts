import { describeStatementPlans, statementsOf } from '@tripline/store-fixture';

import * as progress from '../src/decisions/progress-sql';
import * as state from '../src/decisions/state-sql';
import * as write from '../src/decisions/write-sql';
import * as rules from '../src/rules/rule-sql';

/** Deadlines are found through their index; only the purge of old rule states reads a whole table. */
const BY_DESIGN = {
  'rules-due': 'Index Scan on rule_states (rule_states_due)',
  'rules-purge': 'Seq Scan on rule_states',
};

describeStatementPlans(statementsOf(progress, state, write, rules), BY_DESIGN);
