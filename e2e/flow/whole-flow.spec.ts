import type { Signal } from '@tripline/triggers';
import { Money } from '@tripline/trading';
import { createKafkaConnection, createProducer, kafkaConfigSchema, type OutgoingMessage } from '@tripline/messaging';
import { eventually } from '@tripline/testing';

import { expectedSignalIds } from '../../tools/accounting/expected-signals';
import { readTopic } from '../../tools/accounting/read-topic';
import { seedDemo } from '../../tools/demo/seed';
import { readOpens } from '../support/market-csv';
import { readCounter, readSamples } from '../support/metrics';
import { report } from '../support/report';
import { readSpans, type SpanLine, traceparentOf } from '../support/spans';
import { createSystem, type TestSystem } from '../support/system';

jest.setTimeout(120_000);

/** Twenty years in about eight seconds: slow enough for hundreds of executions, since a busy pipeline skips. */
const REPLAY_SPEED = '80000000';
const DAY_MS = 86_400_000;

const CROSSES = [
  '2000-10-30 death_cross',
  '2003-05-14 golden_cross',
  '2004-08-18 death_cross',
  '2004-11-05 golden_cross',
  '2006-07-19 death_cross',
  '2006-09-12 golden_cross',
  '2007-12-21 death_cross',
  '2009-06-23 golden_cross',
  '2010-07-02 death_cross',
  '2010-10-22 golden_cross',
  '2011-08-12 death_cross',
  '2012-01-31 golden_cross',
  '2015-08-28 death_cross',
  '2015-12-21 golden_cross',
  '2016-01-11 death_cross',
  '2016-04-25 golden_cross',
  '2018-12-07 death_cross',
  '2019-04-01 golden_cross',
  '2020-03-30 death_cross',
];

interface FilledOrder {
  readonly side: 'BUY' | 'SELL';
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly occurredAt: Date;
  readonly filledAt: Date;
}

let system: TestSystem;
const dayBefore = (time: number): string => new Date(time - DAY_MS).toISOString().slice(0, 10);

async function isFeedFinished(): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${system.ports.metrics['signal-generator']}/health/ready`);
  const { checks } = (await response.json()) as { checks: Record<string, { detail?: string }> };
  return checks['feed_history']?.detail === 'finished';
}

const asText = (row: object): string =>
  JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

/** Results caused by signals; the periodic pipeline is started by the clock and is excluded. */
async function effectsOfSignals() {
  const { decisionLog, executions, broker } = await system.snapshot();
  const bySignal = new Set(decisionLog.filter((row) => row.triggerMode === 'signal').map((row) => row.executionId));
  return {
    decisions: decisionLog
      .filter((row) => row.triggerMode === 'signal')
      .map(asText)
      .sort(),
    executions: executions
      .filter(({ id }) => bySignal.has(id))
      .map(asText)
      .sort(),
    orders: broker
      .filter(({ executionId }) => bySignal.has(executionId))
      .map(asText)
      .sort(),
  };
}

beforeAll(async () => {
  system = await createSystem({
    name: 'whole-flow',
    withTraces: true,
    env: { 'signal-generator': { FEEDS: 'history', REPLAY_SPEED } },
  });
  const { apps, ports, secrets } = system;
  await Promise.all([apps.api.start(), apps.worker.start()]);
  await seedDemo(`http://127.0.0.1:${ports.api}`, secrets.password);
  await apps['trigger-dispatcher'].start();
  await apps['signal-generator'].start();
  await eventually(isFeedFinished, { timeoutMs: 60_000, description: 'the end of the replay' });
  await system.settle();
});
afterAll(() => system?.dispose());

describe('market history', () => {
  it.each(['worker', 'signal-generator'] as const)('counts the rows of the history in the %s', async (app) => {
    const rows = await readSamples(system.ports.metrics[app], 'history_rows_total');
    const loaded = [...rows].filter(([labels]) => labels.includes('result="loaded"')).map(([, count]) => count);
    // The bundled files hold 5,105 days and 560 months, and no row of them is dropped.
    expect(loaded).toEqual([5_665]);
    expect([...rows.values()].reduce((sum, count) => sum + count, 0)).toBe(5_665);
  });

  it('yields exactly the expected signals, by id', async () => {
    const { signals, duplicateRecords } = await readTopic(system.admin, system.names.topic);
    expect([...signals.keys()].sort()).toEqual([...(await expectedSignalIds())].sort());
    expect(duplicateRecords).toBe(0);
  });

  it('yields decisions, executions and orders without loss or duplicates', async () => {
    const { findings, ...figures } = await system.recount(await expectedSignalIds());
    report(`whole flow: ${JSON.stringify(figures)}`);
    expect(findings).toEqual([]);
    expect(figures).toMatchObject({ lost: 0, doubled: 0, signals: 1581 });
    expect(figures.executionsByStatus).toEqual({ completed: figures.executions });
    expect(figures.executions).toBeGreaterThan(100);
    expect(figures.orders).toBeGreaterThan(20);
  });

  it('has its golden and death crosses on the known days', async () => {
    const { signals } = await readTopic(system.admin, system.names.topic);
    const isCross = ({ signalType }: Signal): boolean => ['golden_cross', 'death_cross'].includes(signalType);
    const crosses = [...signals.values()]
      .filter((signal) => isCross(signal) && signal.tickers[0]?.ticker === '^SPX')
      .map((signal) => `${dayBefore(signal.occurredAt)} ${signal.signalType}`);
    expect(crosses.sort()).toEqual(CROSSES);
  });

  it('triggers the golden-cross pipeline at each golden cross or gives the reason why not', async () => {
    const rows = await system.database.query<{ at: Date; outcome: string; reason: string }>({
      text: `SELECT m.occurred_at AS at, m.outcome, m.reason FROM signal_matches m JOIN pipelines p ON p.id = m.pipeline_id
             WHERE p.name = 'Golden cross, S&P 500' ORDER BY m.occurred_at`,
    });
    const golden = CROSSES.filter((cross) => cross.endsWith('golden_cross'));
    expect(rows.map(({ at }) => `${dayBefore(at.getTime())} golden_cross`)).toEqual(golden);
    for (const { outcome, reason } of rows) {
      expect(outcome).toMatch(/^(TRIGGERED|SKIPPED_ACTIVE)$/);
      expect(reason).not.toBe('');
    }
  });
});

describe('paper orders on the S&P 500', () => {
  it("are filled at the next day's open, moved against us by spread and slippage, with the fee", async () => {
    const opens = readOpens();
    const rows = await system.database.query<FilledOrder>({
      text: `SELECT o.side, f.quantity::text, f.price::text, f.fee::text, o.occurred_at AS "occurredAt",
               f.filled_at AS "filledAt"
             FROM orders o JOIN fills f ON f.client_order_id = o.client_order_id
             WHERE o.ticker = '^SPX' AND o.status = 'filled'`,
    });
    expect(rows.length).toBeGreaterThan(20);
    for (const { side, quantity, price, fee, occurredAt, filledAt } of rows) {
      const today = opens.findIndex(({ date }) => date === dayBefore(occurredAt.getTime()));
      const next = opens[today + 1];
      expect(filledAt.toISOString().slice(0, 10)).toBe(next?.date);
      // Defaults of the paper broker: 2 bp slippage, 1 bp half spread, 0.5 bp fee, at least one dollar.
      const expected = (next?.open ?? 0) * (side === 'BUY' ? 1.0003 : 0.9997);
      expect(Number(price)).toBeCloseTo(expected, 4);
      expect(Number(fee)).toBeCloseTo(Math.max(1, Number(quantity) * expected * 0.00005), 2);
    }
  });

  it('keep cash, positions, profits and fees of the accounts consistent', async () => {
    const accounts = await system.database.query<
      Record<'cash' | 'initial' | 'flows' | 'cost' | 'pnl' | 'fees', string>
    >({
      text: `SELECT a.cash::text, a.initial_cash::text AS initial,
          (SELECT coalesce(sum(CASE side WHEN 'BUY' THEN -1 ELSE 1 END * quantity * price - fee), 0)
             FROM fills f WHERE f.pipeline_id = a.pipeline_id)::text AS flows,
          (SELECT coalesce(sum(qty * avg_price), 0) FROM positions p WHERE p.pipeline_id = a.pipeline_id)::text AS cost,
          (SELECT coalesce(sum(realised_pnl), 0) FROM positions p WHERE p.pipeline_id = a.pipeline_id)::text AS pnl,
          (SELECT coalesce(sum(fees), 0) FROM positions p WHERE p.pipeline_id = a.pipeline_id)::text AS fees
        FROM paper_accounts a`,
    });
    expect(accounts.filter(({ flows }) => Number(flows) !== 0).length).toBeGreaterThan(2);
    for (const { cash, initial, flows, cost, pnl, fees } of accounts) {
      expect(Money.of(cash).minus(Money.of(initial)).minus(Money.of(flows)).toString()).toBe('0');
      const left = Money.of(cash).plus(Money.of(cost));
      const right = Money.of(initial).plus(Money.of(pnl)).minus(Money.of(fees));
      // Average prices are rounded to at least ten decimal places; cash is never rounded.
      expect(left.minus(right).abs().lt(Money.of('0.000001'))).toBe(true);
    }
  });
});

describe('a trace', () => {
  it('leads from the published signal to its dispatch to the execution, across Kafka and BullMQ', () => {
    const published = new Map(spansOf('signal-generator', 'publish signal').map((span) => [span.spanId, span]));
    const dispatched = new Map(spansOf('trigger-dispatcher', 'dispatch signal').map((span) => [span.spanId, span]));
    const executed = spansOf('worker', 'execute pipeline').filter(({ attributes }) => 'signal_id' in attributes);
    expect(executed.length).toBeGreaterThan(100);
    for (const span of executed) {
      const dispatch = dispatched.get(span.parentSpanId ?? '');
      const publish = published.get(dispatch?.parentSpanId ?? '');
      expect(publish).toMatchObject({ parentSpanId: null, traceId: span.traceId, kind: 'producer' });
      expect(dispatch).toMatchObject({ traceId: span.traceId, kind: 'consumer' });
      expect(span.attributes['signal_id']).toBe(publish?.attributes['signal_id']);
    }
  });

  it('is recorded in its execution and its order', async () => {
    const byExecution = new Map(
      spansOf('worker', 'execute pipeline').map((span) => [span.attributes['execution_id'], span]),
    );
    const dispatched = new Map(spansOf('trigger-dispatcher', 'dispatch signal').map((span) => [span.spanId, span]));
    const rows = await system.database.query<{ id: string; traceparent: string; ofOrder: string | null }>({
      text: `SELECT e.id, e.traceparent, o.traceparent AS "ofOrder" FROM executions e
             LEFT JOIN orders o ON o.execution_id = e.id WHERE e.trigger_mode = 'signal'`,
    });
    expect(rows.filter(({ ofOrder }) => ofOrder !== null).length).toBeGreaterThan(20);
    for (const { id, traceparent, ofOrder } of rows) {
      const dispatch = dispatched.get(byExecution.get(id)?.parentSpanId ?? '');
      expect(traceparent).toBe(dispatch && traceparentOf(dispatch));
      if (ofOrder !== null) expect(ofOrder).toBe(traceparent);
    }
  });

  function spansOf(app: 'signal-generator' | 'trigger-dispatcher' | 'worker', name: string): SpanLine[] {
    return readSpans(system.traceFile(app), name);
  }
});

// Last: it adds records to the topic.
describe('a topic delivered again', () => {
  it('makes no new decision, execution or order when every record is published twice', async () => {
    const before = await effectsOfSignals();
    const records: OutgoingMessage[] = [];
    await system.admin.readAll(system.names.topic, ({ key, value, headers }) => {
      if (value !== null) records.push({ key: String(key), value, headers });
    });
    const producer = createProducer(
      createKafkaConnection(kafkaConfigSchema.parse({ ...system.servers, KAFKA_CLIENT_ID: 'again' })),
    );
    await producer.start();
    for (let from = 0; from < records.length; from += 200) {
      await producer.send(system.names.topic, records.slice(from, from + 200));
    }
    await producer.stop();
    await system.settle();
    expect(await effectsOfSignals()).toEqual(before);
    const { signals, duplicateRecords } = await readTopic(system.admin, system.names.topic);
    expect([signals.size, duplicateRecords]).toEqual([1581, 1581]);
  });

  it('makes no new decision, execution or order when the group is rewound to the beginning of the topic', async () => {
    const before = await effectsOfSignals();
    const dispatcher = system.apps['trigger-dispatcher'];
    expect(await dispatcher.stop()).toBe(0);
    await system.admin.deleteGroup(system.names.group);
    await dispatcher.start();
    await system.untilGroupIsAtEnd();
    await system.settle();
    expect(await readCounter(dispatcher.metricsPort, 'signals_consumed_total')).toBe(2 * 1581);
    expect(await effectsOfSignals()).toEqual(before);
    expect(await system.recount(await expectedSignalIds())).toMatchObject({ lost: 0, doubled: 0, findings: [] });
  });
});
