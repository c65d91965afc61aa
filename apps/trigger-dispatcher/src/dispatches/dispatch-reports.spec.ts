import { createMetrics, type Logger } from '@tripline/telemetry';

import type { ChunkReport } from './stages';
import { createDispatchMetrics } from './dispatch-metrics';
import { createDispatchReports } from './dispatch-reports';

function eventsOf(firstOffset: bigint, previousNextOffset: bigint | null): unknown[] {
  const events: unknown[] = [];
  const note = (fields: Record<string, unknown>) => void events.push(fields['event']);
  const logger = { debug: note, info: note, warn: note, error: note } as unknown as Logger;
  const metrics = createDispatchMetrics(createMetrics({ service: 'trigger-dispatcher' }), 'group', () => 0);
  const message = { offset: firstOffset, key: null, value: null, headers: {}, timestampMs: 0 };
  createDispatchReports({ logger, metrics }).onDispatched({
    chunk: { topic: 't', partition: 0, messages: [message] },
    result: { decisions: [], created: [], counted: { duplicates: 0 }, previousNextOffset },
    matched: new Map(),
    deadReasons: [],
    seconds: 0,
  } as unknown as ChunkReport);
  return events;
}

describe('createDispatchReports', () => {
  it('reports only offsets that were skipped', () => {
    expect(eventsOf(7n, 5n)).toContain('offsets_skipped');
    expect(eventsOf(5n, 5n)).not.toContain('offsets_skipped');
    expect(eventsOf(3n, 5n)).not.toContain('offsets_skipped');
    expect(eventsOf(7n, null)).not.toContain('offsets_skipped');
  });
});
