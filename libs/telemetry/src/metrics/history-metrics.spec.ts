import { createExposition } from '../exposition/exposition';
import { recordHistoryRows } from './history-metrics';
import { createMetrics } from './metrics';

describe('recordHistoryRows', () => {
  it('counts loaded and dropped rows by reason, and shows reasons that did not occur as 0', async () => {
    const metrics = createMetrics({ service: 'worker' });
    recordHistoryRows(metrics, [
      { bars: [1, 2, 3], rejected: [{ kind: 'exact_repeat' }, { kind: 'exact_repeat' }] },
      { bars: [4], rejected: [{ kind: 'conflicting_repeat' }] },
    ]);
    const { body } = await createExposition(metrics).render();
    expect(body).toMatch(/^history_rows_total\{[^}]*result="loaded"[^}]*\} 4$/m);
    expect(body).toMatch(/^history_rows_total\{[^}]*result="exact_repeat"[^}]*\} 2$/m);
    expect(body).toMatch(/^history_rows_total\{[^}]*result="conflicting_repeat"[^}]*\} 1$/m);
    expect(body).toMatch(/^history_rows_total\{[^}]*result="negative_volume"[^}]*\} 0$/m);
  });
});
