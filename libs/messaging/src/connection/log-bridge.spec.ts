import { logLevel } from 'kafkajs';

import { bridgeLog } from './log-bridge';

function bridge() {
  let now = 0;
  const lines: [string, Record<string, unknown>][] = [];
  const at = (level: string) => (fields: Record<string, unknown>) => void lines.push([level, fields]);
  const log = bridgeLog({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, () => now);
  return {
    lines,
    pass: (ms: number) => void (now += ms),
    log: (level: logLevel, message: string, extra: Record<string, unknown> = {}) =>
      log({ namespace: 'Connection', label: '', level, log: { timestamp: '', message, ...extra } }),
  };
}

describe('bridgeLog', () => {
  it('logs retries during a start or a leader change at debug level', () => {
    const { log, lines } = bridge();
    log(logLevel.ERROR, 'Response InitProducerId(key: 22, version: 1)', {
      error: "The coordinator is loading and hence can't process requests for this group",
    });
    log(logLevel.WARN, 'The group is rebalancing, re-joining');
    expect(lines.map(([level]) => level)).toEqual(['debug', 'debug']);
  });

  it('logs other client errors as warnings, with details as fields and without stack traces', () => {
    const { log, lines } = bridge();
    log(logLevel.ERROR, 'Connection timeout', { broker: 'k1:9092', stack: 'at somewhere' });
    expect(lines).toEqual([
      ['warn', { event: 'kafka_client', component: 'Connection', message: 'Connection timeout', broker: 'k1:9092' }],
    ]);
  });

  it('warns about the same problem once a minute', () => {
    const { log, lines, pass } = bridge();
    log(logLevel.ERROR, 'Connection timeout');
    log(logLevel.ERROR, 'Connection timeout');
    pass(61_000);
    log(logLevel.ERROR, 'Connection timeout');
    expect(lines.map(([level]) => level)).toEqual(['warn', 'debug', 'warn']);
  });
});
