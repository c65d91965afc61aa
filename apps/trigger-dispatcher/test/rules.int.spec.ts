import { Writable } from 'node:stream';

import { absenceTriggerIdOf, type Signal } from '@tripline/triggers';
import { createLogger } from '@tripline/telemetry';
import { buildSignal, eventually } from '@tripline/testing';

import { loadConfig } from '../src/config';
import { createService } from '../src/service';
import { openReplayFixture, type ReplayFixture } from './replay-fixture';

const WITHIN_MS = 1_500;
jest.setTimeout(120_000);

describe('rules with two dispatchers', () => {
  let fixture: ReplayFixture;
  const running: { stop(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    fixture = await openReplayFixture();
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await fixture.close();
  });

  async function startDispatcher(): Promise<void> {
    const destination = new Writable({ write: (_chunk, _encoding, done) => done() });
    const env = { ...fixture.env, METRICS_HOST: '127.0.0.1', METRICS_PORT: '0', RULE_DEADLINE_INTERVAL: '100' };
    const { lifecycle } = createService({
      config: loadConfig(env),
      logger: createLogger({ service: 'trigger-dispatcher', level: 'warn', destination }),
      onFatal: (reason) => {
        throw new Error(reason);
      },
    });
    running.push(lifecycle);
    await lifecycle.start();
  }

  const now = (signalType: string, ticker: string): Signal =>
    buildSignal({
      signalType,
      occurredAt: Date.now(),
      tickers: [{ ticker, signal: 'BULLISH', confidence: 80 }],
    });
  const decisionsOf = (pipelineId: string) =>
    fixture.rows<{ signal_id: string; ticker: string; reason: string; detail: Record<string, unknown> }>(
      'SELECT signal_id, ticker, reason, detail FROM signal_matches WHERE pipeline_id = $1 ORDER BY decided_at',
      [pipelineId],
    );

  it('fire a deadline once and keep counting after one of them has stopped', async () => {
    const subscription = (signalType: string) => ({ signalType, minConfidence: 0 });
    const rule = { count: 1, withinMs: WITHIN_MS, noneOf: [subscription('rejection')] };
    const absence = await fixture.addPipeline({
      tickers: ['BTC-*'],
      overlap: { policy: 'parallel', key: 'ticker', limit: 5, ttlMs: 0 },
      rule: { ...rule, kind: 'absence', conditions: [subscription('breakout')] },
    });
    const all = await fixture.addPipeline({
      tickers: ['BTC-*'],
      rule: {
        ...rule,
        kind: 'all',
        count: 2,
        withinMs: 600_000,
        conditions: [subscription('breakout'), subscription('confirmation')],
      },
    });
    await Promise.all([startDispatcher(), startDispatcher()]);

    const [fires, forbidden] = [now('breakout', 'BTC-USD'), now('breakout', 'BTC-EUR')];
    await fixture.publishSignals([fires, forbidden, now('rejection', 'BTC-EUR')]);
    await eventually(
      async () => expect((await decisionsOf(absence.id)).map(({ reason }) => reason)).toContain('rule_fired'),
      { timeoutMs: 30_000, intervalMs: 100 },
    );
    const fired = (await decisionsOf(absence.id)).filter(({ reason }) => reason === 'rule_fired');
    expect(fired).toMatchObject([
      {
        signal_id: absenceTriggerIdOf(absence.id, 'BTC-USD', fires.signalId),
        ticker: 'BTC-USD',
        detail: { consumed_signals: [{ signal_id: fires.signalId, signal_type: 'breakout' }] },
      },
    ]);

    await running.shift()?.stop();
    const confirmation = now('confirmation', 'BTC-USD');
    await fixture.publishSignals([confirmation]);
    await eventually(
      async () => expect((await decisionsOf(all.id)).map(({ reason }) => reason)).toContain('rule_fired'),
      { timeoutMs: 30_000, intervalMs: 100 },
    );
    const [completed] = (await decisionsOf(all.id)).filter(({ reason }) => reason === 'rule_fired');
    expect(completed?.detail['consumed_signals']).toMatchObject([
      { signal_id: fires.signalId },
      { signal_id: confirmation.signalId },
    ]);
    expect((await decisionsOf(absence.id)).filter(({ reason }) => reason === 'rule_fired')).toHaveLength(1);
  });
});
