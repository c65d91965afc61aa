import type { Statement } from '@tripline/database';

import { type Fixture, openFixture } from './fixture';

/** Tables that grow with every execution or pipeline. */
const GROWING = new Set(
  `executions execution_steps signals signal_matches orders order_intents fills positions paper_accounts pipelines
  pipeline_versions trigger_states user_quotas user_usage dead_signals rule_states`.split(/\s+/),
);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'TID Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Pipelines known to the planner, and a first burst of executions for which it has no statistics yet. */
const BURST = `-- insert
WITH pipeline AS (
  INSERT INTO pipelines (id, user_id, name, trigger_mode, is_active)
  SELECT gen_random_uuid(), u.id, 'pipeline ' || n, 'signal', true FROM generate_series(1, 3000) n, users u RETURNING id, user_id
), version AS (
  INSERT INTO pipeline_versions (pipeline_id, version, definition, created_by) SELECT id, 1, '{}', user_id FROM pipeline
)
INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, occurred_at, status, lease_until, slot)
SELECT gen_random_uuid(), user_id, id, 1, 'manual', gen_random_uuid(), now(), state.status,
  CASE state.status WHEN 'running' THEN now() END, 0
FROM pipeline, LATERAL (SELECT CASE WHEN id IS NULL OR random() > 0.3 THEN 'pending' ELSE 'running' END AS status) state`;

/** Scans that read a growing table without a look-up by key. */
function walksOf(node: PlanNode): string[] {
  const children = (node.Plans ?? []).flatMap(walksOf);
  const { 'Relation Name': table } = node;
  // A bitmap scan is an index scan in page order.
  const [type, index] = node['Node Type'].startsWith('Bitmap')
    ? ['Index Scan', node.Plans?.[0]?.['Index Name']]
    : [node['Node Type'], node['Index Name']];
  if (table === undefined || !GROWING.has(table) || !type.endsWith('Scan') || isLookup(node)) return children;
  return [`${type} on ${table}${index === undefined ? '' : ` (${index})`}`, ...children];
}

function isLookup(node: PlanNode): boolean {
  if (node['TID Cond'] !== undefined) return true;
  // `slot IS NOT NULL` is also a condition, but all rows meet it.
  if (/[^<>!]=|<|>/.test(node['Index Cond'] ?? '')) return true;
  return node['Node Type'].startsWith('Bitmap') && (node.Plans ?? []).length > 0 && (node.Plans ?? []).every(isLookup);
}

/** The statements a module of SQL exports. */
export function statementsOf(...modules: readonly object[]): readonly Statement[] {
  return modules
    .flatMap((module) => Object.values(module) as unknown[])
    .filter((value): value is Statement => typeof value === 'object' && value !== null && 'text' in value);
}

/**
 * Declares the tests of how PostgreSQL plans these statements. `byDesign` lists the statements that may read a growing
 * table by more than a key, with the permitted scan.
 *
 * A prepared statement keeps the plan of its first uses. A plan that scans a table while it is empty is as good as any
 * at that time, but very slow once the table has grown.
 */
export function describeStatementPlans(
  statements: readonly Statement[],
  byDesign: Readonly<Record<string, string>>,
): void {
  describe.each([
    ['the tables are empty', false],
    ['the first executions arrive', true],
  ])('statements prepared while %s', (_, hasBurst) => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = await openFixture({}, { planner: 'lookups' });
      if (!hasBurst) return;
      await fixture.database.query({ text: BURST });
      await fixture.database.query({ text: 'ANALYZE pipelines, pipeline_versions' });
    });
    afterAll(() => fixture.close());

    it.each(statements.map((statement) => [statement.name ?? '', statement] as const))(
      '%s looks rows up by key',
      async (name, { text }) => {
        const [row] = await fixture.database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>({
          text: `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
        });
        const walks = row?.['QUERY PLAN'].flatMap(({ Plan }) => walksOf(Plan));
        expect(walks).toEqual(byDesign[name] === undefined ? [] : [byDesign[name]]);
      },
    );
  });
}
