import { createDecisionRepository } from '../src/decisions/decision-repository';
import { createExecutionRepository } from '@tripline/execution-store';
import type { Database, Row, Statement } from '@tripline/database';
import { createWhyRepository } from '../src/near-misses/why-repository';
import { createOrderRepository } from '@tripline/trading-store';
import { createPipelineRepository } from '@tripline/pipeline-store';
import { createSignalRepository } from '../src/signals/signal-repository';
import { type Fixture, openFixture } from '@tripline/store-fixture';

jest.setTimeout(120_000);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** $1 and $2: first and last row of each pipeline. Creates this many decisions, executions, orders and signals. */
const FILL = `-- insert
WITH numbered AS (
  SELECT gen_random_uuid() AS id, p.id AS pipeline_id, p.user_id, now() - n * interval '1 second' AS at
  FROM pipelines p, generate_series($1::int, $2::int) n
), signal AS (
  INSERT INTO signals (id, signal_type, source, occurred_at, tickers, metadata, recorded_at)
  SELECT id, 'golden_cross', 'test', at, '[]', '{}', at FROM numbered
), decision AS (
  INSERT INTO signal_matches (pipeline_id, signal_id, user_id, pipeline_version, trigger_mode, outcome, reason, occurred_at, decided_at)
  SELECT pipeline_id, id, user_id, 1, 'signal', 'SKIPPED_COOLDOWN', 'cooldown_running', at, at FROM numbered
), execution AS (
  INSERT INTO executions (id, user_id, pipeline_id, pipeline_version, trigger_mode, signal_id, occurred_at, created_at, status, finished_at)
  SELECT id, user_id, pipeline_id, 1, 'signal', id, at, at, 'completed', at FROM numbered
)
INSERT INTO orders (client_order_id, execution_id, pipeline_id, user_id, ticker, side, order_type, quantity, reference_price,
  status, occurred_at, created_at)
SELECT id::text, id, pipeline_id, user_id, '^SPX', 'BUY', 'MARKET', 1, 1, 'filled', at, at FROM numbered`;

/** For each of twenty pipelines; the trader owns one of them. */
const ROWS = 1_000;
const PART = 50;
const GROWING = ['signals', 'signal_matches', 'executions', 'orders'];

function tablesReadWhole(node: PlanNode): string[] {
  const table = node['Relation Name'];
  const own = node['Node Type'] === 'Seq Scan' && table !== undefined && GROWING.includes(table) ? [table] : [];
  return [...own, ...(node.Plans ?? []).flatMap(tablesReadWhole)];
}

describe('the lists of the API, on filled tables and with the default planner', () => {
  let fixture: Fixture;
  let pipelineId: string;
  beforeAll(async () => {
    fixture = await openFixture();
    pipelineId = (await fixture.addPipeline()).id;
    for (let other = 1; other < 20; other += 1) await fixture.addPipeline({}, await fixture.addTrader());
    // In parts, each well within the statement timeout.
    for (let first = 1; first < ROWS; first += PART)
      await fixture.database.query({ text: FILL }, [first, first + PART - 1]);
    await fixture.database.query({ text: 'ANALYZE' });
  });
  afterAll(() => fixture.close());

  /** Returns plans instead of rows: every statement of a repository is explained. */
  function explaining(plans: PlanNode[]): Database {
    const query = async <R extends Row>({ text }: Statement, values?: readonly unknown[]): Promise<readonly R[]> => {
      const rows = await fixture.rows<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        values,
      );
      plans.push(...rows.flatMap((row) => row['QUERY PLAN'].map(({ Plan }) => Plan)));
      return [];
    };
    return { ...fixture.database, query };
  }

  it.each<[string, (database: Database) => Promise<unknown>]>([
    ['executions of a user', (database) => createExecutionRepository(database).list(fixture.trader)],
    [
      'executions of a pipeline',
      (database) => createExecutionRepository(database).list(fixture.trader, { pipelineId }),
    ],
    ['orders of a user', (database) => createOrderRepository(database).list(fixture.trader)],
    ['orders of a pipeline', (database) => createOrderRepository(database).list(fixture.trader, { pipelineId })],
    ['decisions of a user', (database) => createDecisionRepository(database).list(fixture.trader)],
    ['decisions of a pipeline', (database) => createDecisionRepository(database).list(fixture.trader, { pipelineId })],
    ['the reasons of a pipeline', (database) => createWhyRepository(database).explain(fixture.trader, pipelineId)],
    ['signals', (database) => createSignalRepository(database).list(fixture.trader)],
    ['pipelines of a user', (database) => createPipelineRepository(database).list(fixture.trader)],
  ])('%s are read by an index', async (_, ask) => {
    const plans: PlanNode[] = [];
    await ask(explaining(plans));
    expect(plans).not.toEqual([]);
    expect(plans.flatMap(tablesReadWhole)).toEqual([]);
  });
});
