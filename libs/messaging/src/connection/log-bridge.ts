import { logLevel, type LogEntry } from 'kafkajs';

import type { MessagingLogger } from '../messages/message';

/**
 * Errors that the client retries by itself while a broker is new or moves a leader or coordinator. kafkajs logs them at error
 * level although nothing has failed yet; real failures reach us as a rejection or a crash and are logged there.
 */
const RETRIED_ERRORS = [
  'The coordinator is loading and hence can',
  'The group coordinator is not available',
  'This is not the correct coordinator',
  'The group is rebalancing',
  'The coordinator is not aware of this member',
  'There is no leader for this topic-partition',
  'This server is not the leader for that topic-partition',
  'Limiting retries for the idempotent producer',
];

function isRetried(log: LogEntry['log']): boolean {
  const texts = [log.message, log['error']].filter((text) => typeof text === 'string');
  return RETRIED_ERRORS.some((known) => texts.some((text) => text.includes(known)));
}

/** The client reports every attempt; one line a minute is enough. */
const REPEAT_AFTER_MS = 60_000;
const MAX_REMEMBERED = 50;

/**
 * Passes kafkajs' log lines to our logger: constant text, details as fields, no stack traces. Harmless retries and repetitions
 * go to debug level.
 */
export function bridgeLog(
  logger: MessagingLogger,
  monotonicMs: () => number = () => performance.now(),
): (entry: LogEntry) => void {
  const warnedAt = new Map<string, number>();
  const isRepeated = (text: string): boolean => {
    const now = monotonicMs();
    const last = warnedAt.get(text);
    if (last !== undefined && now - last < REPEAT_AFTER_MS) return true;
    if (warnedAt.size >= MAX_REMEMBERED) warnedAt.clear();
    warnedAt.set(text, now);
    return false;
  };
  return ({ namespace, level, log }) => {
    const fields: Record<string, unknown> = { event: 'kafka_client', component: namespace, message: log.message };
    for (const name of ['groupId', 'broker', 'retryCount', 'error', 'topic', 'partition', 'memberId']) {
      if (log[name] !== undefined) fields[name] = log[name];
    }
    if (level === logLevel.DEBUG || isRetried(log)) return logger.debug(fields, 'kafka client');
    if (level === logLevel.INFO) return logger.debug(fields, 'kafka client');
    if (isRepeated(`${namespace} ${log.message}`)) return logger.debug(fields, 'kafka client');
    // A client error that matters comes back as a rejection or a crash event; here it is one failed attempt.
    return logger.warn(fields, 'kafka client');
  };
}
