import { type Halt, type HaltLevel, type HaltMode, haltOn, haltReason, deniesEverything } from './halt';

const subject = { userId: 'u1', pipelineId: 'p1', ticker: 'AAPL', venue: 'paper' };
const halt = (level: HaltLevel, on: string, mode: HaltMode = 'pause'): Halt => ({
  id: `${level}-${on}-${mode}`,
  level,
  subject: on,
  mode,
  reason: 'drill',
});

describe('haltOn', () => {
  it.each([
    ['global', ''],
    ['user', 'u1'],
    ['pipeline', 'p1'],
    ['ticker', 'AAPL'],
    ['venue', 'paper'],
  ] as const)('finds a halt of level %s', (level, on) => {
    expect(haltOn([halt(level, on)], subject)).toMatchObject({ level });
  });

  it.each([
    ['user', 'u2'],
    ['pipeline', 'p2'],
    ['ticker', 'MSFT'],
    ['venue', 'nyse'],
  ] as const)('leaves another %s alone', (level, on) => {
    expect(haltOn([halt(level, on)], subject)).toBeNull();
  });

  it('does not stop a trigger without a ticker by a ticker', () => {
    expect(haltOn([halt('ticker', 'AAPL')], { ...subject, ticker: null })).toBeNull();
  });

  it('names the strictest, and of equally strict ones the widest', () => {
    const halts = [halt('global', '', 'reduce_only'), halt('ticker', 'AAPL', 'cancel'), halt('user', 'u1', 'cancel')];
    const found = haltOn(halts, subject);
    expect(found).toMatchObject({ level: 'user', mode: 'cancel' });
    expect(found && haltReason(found)).toBe('halted_user');
    expect(found && deniesEverything(found)).toBe(true);
    expect(deniesEverything(halt('global', '', 'reduce_only'))).toBe(false);
  });
});
