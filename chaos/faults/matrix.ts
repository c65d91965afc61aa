/** The rows of the fault matrix that this harness makes; docs/reliability.md has the table. */
export const FAULTS = {
  F1: 'kill -9 at random points: publisher, generator, dispatcher with its sweeper, worker, API',
  F2: 'exit at each of the nineteen failpoints',
  F3: 'double faults: a second kill right after the restart, two processes at once',
  F4: 'rolling restarts by SIGTERM under load',
  F5: 'zombies: SIGSTOP for 5, 20, 60, 120 s, then SIGCONT, of dispatchers and workers',
  F6: 'Redis killed and restarted (AOF)',
  F7: 'Redis flushed, restarted empty, restored to an older state',
  F8: 'Redis stopped for 60 s, out of memory',
  F9: 'PostgreSQL killed, restarted, stopped for 60 s, connections terminated',
  F10: 'PostgreSQL restored to a minute ago, then replay',
  F11: 'Kafka killed, restarted, stopped for 60 s',
  F12: 'group offsets deleted, topic made anew, retention passed unread records',
  F13: 'bad links: cut, reset, black hole, one way, slow, sliced, narrow; each of the six',
  F14: 'rebalance storm: a member joins and leaves every few seconds',
  F15: 'slow consumer with a backlog',
  F16: 'everything delivered again: duplicates, the whole topic, in another order',
  F17: 'poison: forty kinds',
  F18: 'disk full under PostgreSQL, Redis, Kafka',
  F19: 'clocks that jump by an hour or are five minutes off',
  F20: 'memory limit of 256 MB, event loop blocked for 1, 10, 40 s',
  F21: 'agents that answer differently each time, with a crash around the order',
  F23: 'simulated runs with seeds',
} as const;
export type FaultId = keyof typeof FAULTS;

/** How often each fault is made; of F2 the exits in all, of F14 seconds, of F17 kinds, of F23 seeds. */
export type Doses = Readonly<Partial<Record<FaultId, number>>>;

/** The doses of the matrix; of F2 those of each failpoint. */
export const DOSES: Readonly<Record<'pr' | 'nightly', Doses>> = {
  pr: { F1: 40, F2: 1, F3: 6, F4: 1, F5: 4, F6: 2, F7: 2, F8: 1, F9: 3, F11: 1, F12: 1, F16: 1, F17: 40, F21: 12 },
  nightly: {
    F1: 200,
    F2: 25,
    F3: 100,
    F4: 20,
    F5: 60,
    F6: 30,
    F7: 10,
    F8: 10,
    F9: 30,
    F10: 2,
    F11: 20,
    F12: 5,
    F13: 72,
    F14: 600,
    F15: 1,
    F16: 3,
    F17: 40,
    F18: 3,
    F19: 20,
    F20: 10,
    F21: 150,
    F23: 10_000,
  },
};
