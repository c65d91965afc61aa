import * as claim from '../src/executions/claim-sql';
import * as ending from '../src/executions/ending-sql';
import * as execution from '../src/executions/execution-sql';
import * as progress from '../src/decisions/progress-sql';
import * as rules from '../src/rules/rule-sql';
import * as sweep from '../src/executions/sweep-sql';
import * as state from '../src/decisions/state-sql';
import * as write from '../src/decisions/write-sql';
import type { Statement } from '../src/database/queryable';
import { type Fixture, openFixture } from './fixture';

/** Tables that grow with every run or every pipeline. */
const GROWING = new Set(
  `executions execution_steps signals signal_matches orders order_intents fills positions paper_accounts pipelines
  pipeline_versions trigger_states user_quotas user_usage dead_signals rule_states`.split(/\s+/),
);

/** What goes by the clock looks for what is due, in the index of that; only the purge of old rule states reads a table whole. */
const BY_DESIGN: Readonly<Record<string, string>> = {
  'rules-due': 'Index Scan on rule_states (rule_states_due)',
  'rules-purge': 'Seq Scan on rule_states',
  'sweep-running': 'Index Scan on executions (executions_running)',
  'sweep-pending': 'Index Scan on executions (executions_pending)',
  'sweep-expire-waiting': 'Index Scan on executions (executions_waiting)',
  'sweep-free-places': 'Index Only Scan on executions (executions_waiting)',
  'sweep-promote': 'Index Scan on executions (executions_waiting)',
};

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'TID Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

const STATEMENTS = [claim, ending, execution, progress, rules, state, sweep, write]
  .flatMap((module) => Object.values(module) as unknown[])
  .filter((value): value is Statement => typeof value === 'object' && value !== null && 'text' in value);

/** Scans that read a growing table without looking its rows up by a key. */
function walksOf(node: PlanNode): string[] {
  const children = (node.Plans ?? []).flatMap(walksOf);
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = node;
  if (table === undefined || !GROWING.has(table) || !type.endsWith('Scan') || isLookup(node)) return children;
  return [`${type} on ${table}${index === undefined ? '' : ` (${index})`}`, ...children];
}

function isLookup(node: PlanNode): boolean {
  if (node['Index Cond'] !== undefined || node['TID Cond'] !== undefined) return true;
  return node['Node Type'].startsWith('Bitmap') && (node.Plans ?? []).length > 0 && (node.Plans ?? []).every(isLookup);
}

/**
 * A prepared statement keeps the plan of its first uses. One that was planned while a table was empty, and walks through it, is
 * as good as any then, and ruinous when the table has grown.
 */
describe('statements prepared while the tables are empty', () => {
  let fixture: Fixture;
  beforeAll(async () => (fixture = await openFixture()));
  afterAll(() => fixture.close());

  it.each(STATEMENTS.map((statement) => [statement.name ?? '', statement] as const))(
    '%s looks rows up by their keys',
    async (name, { text }) => {
      const [row] = await fixture.database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>({
        text: `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
      });
      const walks = row?.['QUERY PLAN'].flatMap(({ Plan }) => walksOf(Plan));
      expect(walks).toEqual(BY_DESIGN[name] === undefined ? [] : [BY_DESIGN[name]]);
    },
  );
});
