import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger } from '@tripline/telemetry';

import { armFailpoints, failpoint } from './failpoint';
import { FAILPOINTS, parseFailpoints } from './parse-failpoints';

function arm(list: string) {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line: string) => void lines.push(line) } });
  const evidenceFile = join(mkdtempSync(join(tmpdir(), 'failpoints-')), 'evidence.jsonl');
  const exits: number[] = [];
  let pauses = 0;
  const host = { exit: (code: number) => void exits.push(code), pause: () => void (pauses += 1), random: () => 0.5 };
  armFailpoints({ rules: parseFailpoints(list), evidenceFile }, logger, host);
  const evidence = (): unknown[] =>
    readFileSync(evidenceFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  return { exits, evidence, pauses: () => pauses, events: () => lines.map((line) => JSON.parse(line) as unknown) };
}

afterEach(() => {
  armFailpoints({ rules: [], evidenceFile: null }, createLogger({ service: 'test', level: 'silent' }));
});

describe('failpoint', () => {
  it('does nothing unless a point is armed', async () => {
    for (const name of FAILPOINTS) await expect(failpoint(name)).resolves.toBeUndefined();
  });

  it('exits on the n-th hit after writing a line of evidence', async () => {
    const { exits, evidence, events } = arm('after-decision-commit=exit@3');
    await failpoint('after-decision-commit');
    await failpoint('during-enqueue');
    await failpoint('after-decision-commit');
    expect(exits).toEqual([]);
    await failpoint('after-decision-commit');
    expect(exits).toEqual([137]);
    expect(evidence()).toEqual([
      expect.objectContaining({ point: 'after-decision-commit', action: 'exit', hit: 3, pid: process.pid }),
    ]);
    expect(events()).toEqual([
      expect.objectContaining({ event: 'failpoints_armed', level: 'warn', points: ['after-decision-commit'] }),
      expect.objectContaining({ event: 'failpoint_reached', point: 'after-decision-commit', hit: 3 }),
    ]);
  });

  it('fails like a lost connection on every hit when no hit is given', async () => {
    arm('after-order-send=throw');
    await expect(failpoint('after-order-send')).rejects.toMatchObject({ code: 'ECONNRESET', name: 'FailpointError' });
    await expect(failpoint('after-order-send')).rejects.toThrow('failpoint after-order-send');
  });

  it('delays within the range, blocks the event loop, and pauses the process', async () => {
    const { pauses } = arm('after-agents=delay(10..30),before-claim=block(20),before-order-send=pause@1');
    const from = performance.now();
    await failpoint('after-agents');
    expect(performance.now() - from).toBeGreaterThan(15);
    await failpoint('before-claim');
    expect(performance.now() - from).toBeGreaterThan(35);
    await failpoint('before-order-send');
    await failpoint('before-order-send');
    expect(pauses()).toBe(1);
  });

  it('never continues after a hang', async () => {
    arm('after-fetch=hang');
    const first = await Promise.race([
      failpoint('after-fetch').then(() => 'went on'),
      failpoint('before-decision-commit').then(() => 'other'),
    ]);
    expect(first).toBe('other');
  });
});

describe('parseFailpoints', () => {
  it('reads names, actions, ranges and hits', () => {
    expect(
      parseFailpoints(' after-decision-commit=exit@3, after-agents=delay(50..500) ,before-publish=block(7)'),
    ).toEqual([
      { name: 'after-decision-commit', action: { kind: 'exit' }, hit: 3 },
      { name: 'after-agents', action: { kind: 'delay', fromMs: 50, toMs: 500 }, hit: null },
      { name: 'before-publish', action: { kind: 'block', ms: 7 }, hit: null },
    ]);
    expect(parseFailpoints('')).toEqual([]);
  });

  it.each([
    'after-lunch=exit',
    'after-claim',
    'after-claim=exit@0',
    'after-claim=exit(3)',
    'after-agents=delay',
    'after-agents=delay(9..3)',
    'after-agents=block(1..2)',
    'after-claim=explode',
  ])('rejects %s', (entry) => expect(() => parseFailpoints(entry)).toThrow('invalid failpoint'));
});
