import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * The load publisher's journal. A line `acked N` says that the broker holds the first N signals of
 * the plan; it is on disk before the next records are sent. `sent N` says that records up to N may be in the topic.
 */
export interface Journal {
  readonly acked: number;
  readonly sent: number;
}

export function readJournal(file: string): Journal {
  const journal = { acked: 0, sent: 0 };
  if (!existsSync(file)) return journal;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    // A line truncated by a kill has no terminator; the number before it is valid.
    const [, word, count] = /^(acked|sent) (\d+)\.$/.exec(line) ?? [];
    if (word === 'acked' || word === 'sent') journal[word] = Math.max(journal[word], Number(count));
  }
  return journal;
}

export interface JournalWriter {
  /** Call before sending. */
  sent(to: number): void;
  /** Call after the acknowledgement; returns when it is on disk. */
  acked(to: number): void;
  close(): void;
}

export function openJournal(file: string): JournalWriter {
  const fd = openSync(file, 'a');
  return {
    sent: (to) => void writeSync(fd, `sent ${to}.\n`),
    acked(to) {
      writeSync(fd, `acked ${to}.\n`);
      fsyncSync(fd);
    },
    close: () => closeSync(fd),
  };
}
