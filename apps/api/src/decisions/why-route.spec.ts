import { createApiFixture, type ApiFixture } from '../../test/api-fixture';
import { decisionLogEntry } from '../../test/fake-repositories';

describe('GET /api/pipelines/:id/why', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await createApiFixture();
  });
  afterAll(() => api.app.close());

  it('explains decisions and near misses in words, with the values they were based on', async () => {
    const { headers, user } = await api.login('trader');
    const payload = { name: 'mine', tickers: ['^SPX'] };
    const made = await api.app.inject({ method: 'POST', url: '/api/pipelines', payload, headers });
    const pipelineId = made.json<{ id: string }>().id;
    const decision = decisionLogEntry({
      ...{ pipelineId, userId: user.id, outcome: 'SKIPPED_COOLDOWN', reason: 'cooldown_running' },
      detail: { cooldown_ms: 60_000, cooldown_left_ms: 12_000 },
    });
    api.decisionLog.push(decision);
    api.nearMisses.push({
      ...{ pipelineId, signalId: decision.signalId, signalType: 'rsi', ticker: '^SPX', reason: 'confidence' },
      detail: {
        ...{ pipeline_version: 3, direction: 'BULLISH', confidence: 71, source: 'mock', min_confidence: 75 },
        ...{ wanted_type: 'rsi', wanted_direction: null, wanted_source: null, short_by: 4 },
      },
      occurredAt: decision.decidedAt + 1,
    });
    const response = await api.app.inject({ url: `/api/pipelines/${pipelineId}/why?limit=10`, headers });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      items: [
        {
          ...{ kind: 'near_miss', outcome: null, reason: 'confidence', explanation: 'confidence 71 < 75' },
          ...{ confidence: 71, direction: 'BULLISH', pipeline_version: 3, detail: { short_by: 4 } },
        },
        {
          ...{ kind: 'decision', outcome: 'SKIPPED_COOLDOWN', reason: 'cooldown_running' },
          explanation: 'cooldown of 60 s had 12 s left',
        },
      ],
      next_cursor: null,
    });
  });
});
