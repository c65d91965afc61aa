import { eventually } from '@tripline/testing';

import { openReplayFixture, type ReplayFixture } from './replay-fixture';

interface Summary {
  records: number;
  alreadyDecided: number;
  newlyDecided: number;
  newByOutcome: Record<string, number>;
  executions: number;
  isComplete: boolean;
}

const TICKERS = ['^SPX', 'AAPL', 'MSFT', 'BTC-USD', 'GLD'];
jest.setTimeout(120_000);

describe('replay', () => {
  let fixture: ReplayFixture;
  beforeAll(async () => {
    fixture = await openReplayFixture();
  });
  afterAll(() => fixture.close());

  const summaryOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Summary;
  const pairs = () =>
    fixture.rows<{ pipeline_id: string; signal_id: string; outcome: string }>(
      'SELECT pipeline_id, signal_id, outcome FROM signal_matches ORDER BY signal_id, pipeline_id',
    );
  const executions = () =>
    fixture.rows<{ id: string; status: string }>('SELECT id, status FROM executions ORDER BY id');

  it('decides again what a database restore removed, and nothing twice', async () => {
    for (const ticker of TICKERS) await fixture.addPipeline({ tickers: [ticker] });
    await fixture.addPipeline({ tickers: TICKERS });
    const afterPipelines = Date.now();
    await fixture.publish(150, TICKERS);
    await eventually(() => expect(Date.now()).toBeGreaterThan(afterPipelines + 2), { timeoutMs: 1_000, intervalMs: 5 });
    const restorePoint = Date.now();
    await fixture.publish(150, TICKERS);

    const first = await fixture.replay('--from', String(afterPipelines - 60_000));
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    expect(summaryOf(first)).toMatchObject({ records: 300, newlyDecided: 600, alreadyDecided: 0, isComplete: true });
    await fixture.rows(`UPDATE executions SET status = 'completed', finished_at = now()`);
    const [decided, ran] = [await pairs(), await executions()];
    expect(decided).toHaveLength(600);

    // The restored database lacks the second half, including the progress of its partitions.
    await fixture.rows(
      `
      DELETE FROM executions WHERE signal_id IN (SELECT id FROM signals WHERE appended_at >= to_timestamp($1 / 1000.0))`,
      [restorePoint],
    );
    await fixture.rows(
      `
      DELETE FROM signal_matches WHERE signal_id IN (SELECT id FROM signals WHERE appended_at >= to_timestamp($1 / 1000.0))`,
      [restorePoint],
    );
    await fixture.rows(
      `
      UPDATE consumer_progress c SET next_off = s.first_off, records = c.records - s.n, valid = valid - s.n, matched = matched - s.n
      FROM (SELECT part, min(off) AS first_off, count(*) AS n FROM signals WHERE appended_at >= to_timestamp($1 / 1000.0) GROUP BY part) s
      WHERE c.part = s.part`,
      [restorePoint],
    );
    expect(await pairs()).toHaveLength(300);
    const left = await executions();

    const dry = await fixture.replay('--from', String(afterPipelines), '--dry-run');
    expect([dry.code, summaryOf(dry).newlyDecided]).toEqual([0, 300]);
    expect(await pairs()).toHaveLength(300);

    const again = await fixture.replay('--from', new Date(restorePoint - 1000).toISOString());
    expect(again.code).toBe(0);
    expect(summaryOf(again)).toMatchObject({ newlyDecided: 300, isComplete: true });
    const names = (list: readonly { pipeline_id: string; signal_id: string }[]) =>
      list.map((pair) => `${pair.pipeline_id}/${pair.signal_id}`);
    expect(names(await pairs())).toEqual(names(decided));

    // Executions from before the restore point are unchanged; the rest are executed once.
    const now = await executions();
    expect(now.filter(({ id }) => left.some((run) => run.id === id))).toEqual(left);
    expect(new Set(now.map(({ id }) => id)).size).toBe(now.length);
    expect(left.every(({ id }) => ran.some((run) => run.id === id))).toBe(true);

    const third = await fixture.replay('--from', String(afterPipelines));
    expect(summaryOf(third)).toMatchObject({ records: 300, newlyDecided: 0, alreadyDecided: 600, executions: 0 });
    expect(await executions()).toEqual(now);
  });

  it('starts no pipeline with a signal from before its creation', async () => {
    const ticker = 'LATE-1';
    const from = Date.now();
    await fixture.publish(5, [ticker]);
    await eventually(() => expect(Date.now()).toBeGreaterThan(from + 50), { timeoutMs: 1_000, intervalMs: 5 });
    const late = await fixture.addPipeline({ tickers: [ticker] });
    await fixture.publish(3, [ticker]);
    await fixture.replay('--from', String(from - 1000));
    expect((await pairs()).filter((pair) => pair.pipeline_id === late.id)).toHaveLength(3);
  });

  it('explains its arguments', async () => {
    const help = await fixture.replay('--help');
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--dry-run')]);
    const wrong = await fixture.replay('--from', 'yesterday');
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  });
});
