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
  it('does nothing at any point unless it is armed', async () => {
    for (const name of FAILPOINTS) await expect(failpoint(name)).resolves.toBeUndefined();
  });

  it('ends the process on the n-th hit, and leaves a line of evidence before', async () => {
    const { exits, evidence, events } = arm('D4=exit@3');
    await failpoint('D4');
    await failpoint('D5');
    await failpoint('D4');
    expect(exits).toEqual([]);
    await failpoint('D4');
    expect(exits).toEqual([137]);
    expect(evidence()).toEqual([expect.objectContaining({ point: 'D4', action: 'exit', hit: 3, pid: process.pid })]);
    expect(events()).toEqual([
      expect.objectContaining({ event: 'failpoints_armed', level: 'warn', points: ['D4'] }),
      expect.objectContaining({ event: 'failpoint_reached', point: 'D4', hit: 3 }),
    ]);
  });

  it('fails like a lost connection on every hit when no hit is named', async () => {
    arm('W5=throw');
    await expect(failpoint('W5')).rejects.toMatchObject({ code: 'ECONNRESET', name: 'FailpointError' });
    await expect(failpoint('W5')).rejects.toThrow('failpoint W5');
  });

  it('waits within the range, blocks the event loop, and stops the process', async () => {
    const { pauses } = arm('W3=delay(10..30),W1=block(20),W4=pause@1');
    const from = performance.now();
    await failpoint('W3');
    expect(performance.now() - from).toBeGreaterThan(15);
    await failpoint('W1');
    expect(performance.now() - from).toBeGreaterThan(35);
    await failpoint('W4');
    await failpoint('W4');
    expect(pauses()).toBe(1);
  });

  it('never goes on after a hang', async () => {
    arm('D1=hang');
    const first = await Promise.race([failpoint('D1').then(() => 'went on'), failpoint('D2').then(() => 'other')]);
    expect(first).toBe('other');
  });
});

describe('parseFailpoints', () => {
  it('reads names, actions, ranges and hits', () => {
    expect(parseFailpoints(' D4=exit@3, W3=delay(50..500) ,G1=block(7)')).toEqual([
      { name: 'D4', action: { kind: 'exit' }, hit: 3 },
      { name: 'W3', action: { kind: 'delay', fromMs: 50, toMs: 500 }, hit: null },
      { name: 'G1', action: { kind: 'block', ms: 7 }, hit: null },
    ]);
    expect(parseFailpoints('')).toEqual([]);
  });

  it.each(['D9=exit', 'D4', 'D4=exit@0', 'D4=exit(3)', 'W3=delay', 'W3=delay(9..3)', 'W3=block(1..2)', 'D4=explode'])(
    'refuses %s',
    (entry) => expect(() => parseFailpoints(entry)).toThrow('is no failpoint'),
  );
});
