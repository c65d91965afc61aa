import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createMockBars } from '@tripline/market';

import { expectedMockSignalIds, expectedSignalIds, loadFeedInput } from './expected-signals';

const DAY_MS = 86_400_000;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tripline-expected-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function writeHistory(name: string, ticker: string): string {
  const mock = createMockBars({ seed: 7, ticker, timeframeMs: DAY_MS, startMs: Date.UTC(2020, 0, 1) });
  const rows = Array.from({ length: 400 }, (_, n) => {
    const { start, open, high, low, close, volume } = mock.barAt(n);
    return [new Date(start).toISOString().slice(0, 10), open, high, low, close, volume].join(',');
  });
  const path = join(dir, name);
  writeFileSync(path, ['date,open,high,low,close,volume', ...rows].join('\n'));
  return path;
}

const idsOf = async (env: Readonly<Record<string, string>>) => expectedSignalIds(await loadFeedInput(env));

describe('expectedSignalIds', () => {
  it('returns the signals of the bundled history by default', async () => {
    const ids = await expectedSignalIds();
    expect(ids.size).toBe(1581);
    expect(await idsOf({})).toEqual(ids);
  });

  it("returns only the signals of the user's own files when there are any", async () => {
    const HISTORY_CSV = `EURUSD=${writeHistory('e.csv', 'EURUSD')},GOOG=${writeHistory('g.csv', 'GOOG')}`;
    const ids = await idsOf({ HISTORY_CSV });
    expect(ids.size).toBeGreaterThan(20);
    const bundled = await expectedSignalIds();
    expect([...ids].filter((id) => bundled.has(id))).toEqual([]);
  });

  it('returns only the signals of the selected generators', async () => {
    const [all, some] = [await idsOf({}), await idsOf({ GENERATORS: 'golden_cross,death_cross' })];
    expect(some.size).toBe(19);
    expect([...some].every((id) => all.has(id))).toBe(true);
  });

  it('returns the mock signals for the given tickers, seed and start', async () => {
    const mock = { FEEDS: 'mock', MOCK_COUNT: '50', MOCK_TICKERS: 'AAA,BBB', MOCK_SEED: '5' };
    expect([...(await idsOf(mock))]).toEqual(expectedMockSignalIds({ seed: 5, tickers: ['AAA', 'BBB'], count: 50 }));
    expect([...(await idsOf({ ...mock, MOCK_TIMEFRAME: '5m' }))]).not.toEqual([...(await idsOf(mock))]);
    expect((await idsOf({ ...mock, FEEDS: 'history,mock' })).size).toBe(1581 + 50);
  });
});
