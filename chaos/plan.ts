import type { FailpointName } from '@tripline/failpoints';

import type { AuditSnapshot } from '@tripline/audit';
import { apiKillLane } from './faults/api-kills';
import { clockLane } from './faults/clocks';
import { doubleKillLane, pairKillLane } from './faults/double-faults';
import { failpointLane } from './faults/failpoints';
import { killLane, measuredKillLane } from './faults/kills';
import { fullDiskLane } from './faults/full-disk';
import { joinPhases } from './faults/join-phases';
import { inOrder, type Lane, sideBySide } from './faults/lane';
import { LINK_TRIALS, linkLane } from './faults/links';
import { logLossLane, type LostRecords } from './faults/log-losses';
import type { Doses } from './faults/matrix';
import { poisonLane } from './faults/poison';
import { redeliveryLane } from './faults/redelivery';
import { resourceLane } from './faults/resources';
import { restoreLane } from './faults/restore';
import { rollingRestartLane } from './faults/rolling-restarts';
import { serverLanes } from './faults/server-doses';
import { slowConsumerLane } from './faults/slow-consumer';
import { rebalanceStormLane } from './faults/storm';
import { zombieLane } from './faults/zombies';
import type { Phase } from './run-phase';
import { type LinkName, LINKS } from './system/servers';

/** The nineteen failpoints by process. */
const POINTS_OF = {
  generator: ['before-publish', 'after-publish', 'before-watermark-save'],
  dispatcher: [
    'after-fetch',
    'before-decision-commit',
    'during-decision-commit',
    'after-decision-commit',
    'during-enqueue',
    'after-enqueue',
    'before-offset-commit',
    'during-offset-commit',
    'after-sweep-commit',
  ],
  worker: [
    'before-claim',
    'after-claim',
    'after-agents',
    'before-order-send',
    'after-order-send',
    'after-order-result',
    'after-execution-end',
  ],
} as const satisfies Record<string, readonly FailpointName[]>;
/** Failpoints around the order. The agents of F21 answer differently at each attempt, and this must not matter there. */
const AROUND_THE_ORDER: readonly FailpointName[] = ['after-agents', 'before-order-send', 'after-order-send'];

/** Spreads `count` exits over the failpoints of all processes, then divides those of one process among its replicas. */
function exitsIn(role: keyof typeof POINTS_OF, count: number, peer = 0, peers = 1): readonly FailpointName[] {
  const all = Object.values(POINTS_OF).flat();
  const own = Array.from({ length: count }, (_, index) => all[index % all.length] as FailpointName).filter((point) =>
    (POINTS_OF[role] as readonly FailpointName[]).includes(point),
  );
  return own.filter((_, index) => index % peers === peer);
}

/** Stop lengths of F5, s, used in rotation; a small dose has only the short ones. */
const STOPS_S = [20, 5, 60, 120];
const SHORT_STOPS_S = [20, 5, 20, 5];

/** `count` split into `parts` whole numbers. */
export function split(count: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, index) => Math.floor((count + parts - 1 - index) / parts));
}

/** The phases for these doses; rows without a dose have none. Small doses share one phase. */
export function planPhases(doses: Doses, { isSmall }: { readonly isSmall: boolean }): Phase[] {
  const joinable = [
    processPhase(doses),
    doublePhase(doses),
    serverPhase(doses),
    networkPhase(doses),
    deliveryPhase(doses),
    logPhase(doses),
    strainPhase(doses),
  ].filter((phase) => phase !== null);
  const isJoined = isSmall && joinable.length > 1;
  const phases = [
    defaultsPhase(doses),
    ...(isJoined ? [joinPhases('faults', joinable)] : joinable),
    slowPhase(doses),
    storagePhase(doses),
  ];
  return phases.filter((phase) => phase !== null);
}

/** F0: recovery at default settings. */
function defaultsPhase({ F0 = 0 }: Doses): Phase | null {
  if (F0 === 0) return null;
  const [workers = 0, dispatchers = 0] = split(F0, 2);
  const lanes = [inOrder(measuredKillLane('worker', workers), measuredKillLane('dispatcher', dispatchers))];
  return { name: 'defaults', lanes, system: { atDefaults: true } };
}

/** F1, F2, F5, F14, F21: faults of single processes, on all processes in parallel. */
function processPhase({ F1 = 0, F2 = 0, F5 = 0, F14 = 0, F21 = 0 }: Doses): Phase | null {
  if (F1 + F2 + F5 + F14 + F21 === 0) return null;
  // A large dose has a third dispatcher to kill, because most of its time is spent waiting for a killed member's session to expire.
  const dispatchers = F2 > 100 ? 3 : 2;
  const kills = killShares(F1, dispatchers);
  const orders = Array.from({ length: F21 }, (_, index) => AROUND_THE_ORDER[index % 3] as FailpointName);
  const stops = shareStops(F5);
  const dispatcherLane = (index: number): Lane =>
    inOrder(
      failpointLane({ fault: 'F2', role: 'dispatcher', index, points: exitsIn('dispatcher', F2, index, dispatchers) }),
      killLane('dispatcher', index, kills.dispatchers[index] ?? 0),
    );
  const workerLane = (index: number): Lane =>
    inOrder(
      failpointLane({ fault: 'F2', role: 'worker', index, points: exitsIn('worker', F2, index, WORKERS) }),
      failpointLane({
        fault: 'F21',
        role: 'worker',
        index,
        points: orders.filter((_, order) => order % WORKERS === index),
        // Each start has a different market, so that the agents decide differently at a second attempt.
        env: (random) => ({ MOCK_SEED: String(Math.floor(random() * 1_000_000)) }),
      }),
      killLane('worker', index, kills.workers[index] ?? 0),
    );
  return {
    name: 'processes',
    prepare: async (system) => {
      if (dispatchers === 3) {
        (await system.add('dispatcher', 'dispatcher-3')).launch();
        // Two processes here end every few seconds for a quarter of an hour, so others must stay alive.
        (await system.add('dispatcher', 'steady-dispatcher')).launch();
        (await system.add('worker', 'steady-worker')).launch();
      }
      if (kills.api > 0) (await system.add('api', 'api')).launch();
      for (const { role, name } of stops) (await system.add(role, name)).launch();
    },
    lanes: [
      killLane('load', 0, kills.load),
      ...(kills.api > 0 ? [apiKillLane(kills.api)] : []),
      inOrder(
        failpointLane({ fault: 'F2', role: 'generator', index: 0, points: exitsIn('generator', F2) }),
        killLane('generator', 0, kills.generator),
      ),
      ...Array.from({ length: dispatchers }, (_, index) => dispatcherLane(index)),
      ...Array.from({ length: WORKERS }, (_, index) => workerLane(index)),
      ...stops.map(({ role, name, stopsMs }) => zombieLane(role, name, stopsMs)),
      ...(F14 > 0 ? [rebalanceStormLane(F14)] : []),
    ],
    // The longest stop hits a worker and lasts longer than its lease.
    check: { zombiesExpected: stops.length > 0 },
  };
}

const WORKERS = 2;
/** Extra processes, so that the usual ones continue while these are stopped; a small dose has four of them. */
const ZOMBIES = [1, 2, 3].flatMap((number) => [
  { role: 'worker' as const, name: `zombie-worker-${number}` },
  { role: 'dispatcher' as const, name: `zombie-dispatcher-${number}` },
]);

/** Divides the stops of F5, longest first, so that all zombies finish at about the same time. */
function shareStops(count: number): { role: 'worker' | 'dispatcher'; name: string; stopsMs: number[] }[] {
  const lengths = count <= SHORT_STOPS_S.length ? SHORT_STOPS_S : STOPS_S;
  const stops = Array.from({ length: count }, (_, index) => (lengths[index % lengths.length] ?? 5) * 1000);
  const zombies = ZOMBIES.slice(0, count > 20 ? ZOMBIES.length : Math.min(4, count));
  const shares = zombies.map((zombie) => ({ ...zombie, stopsMs: [] as number[] }));
  const total = (list: readonly number[]): number => list.reduce((sum, ms) => sum + ms, 0);
  for (const stop of stops.sort((a, b) => b - a)) {
    const least = shares.reduce((a, b) => (total(b.stopsMs) < total(a.stopsMs) ? b : a));
    least.stopsMs.push(stop);
  }
  return shares;
}

/** Kills of load, generator, API, dispatchers (each with its sweeper) and workers. */
function killShares(kills: number, dispatchers: number) {
  const ofDispatchers = Math.round(kills * 0.35);
  const ofWorkers = Math.round(kills * 0.35);
  const [load = 0, generator = 0, api = 0] = split(kills - ofDispatchers - ofWorkers, 3);
  return { load, generator, api, dispatchers: split(ofDispatchers, dispatchers), workers: split(ofWorkers, WORKERS) };
}

/** F3, F4: two processes at once, one process twice, and all processes one after the other. */
function doublePhase({ F3 = 0, F4 = 0 }: Doses): Phase | null {
  if (F3 + F4 === 0) return null;
  const [again = 0, pairs = 0] = split(F3, 2);
  const [ofDispatcher = 0, ofWorker = 0] = split(again, 2);
  return {
    name: 'double',
    lanes: [
      inOrder(
        sideBySide([
          doubleKillLane('dispatcher', 0, ofDispatcher),
          doubleKillLane('worker', 0, ofWorker),
          pairKillLane(pairs),
        ]),
        rollingRestartLane(F4),
      ),
    ],
  };
}

/** F6 to F9, F11: faults of the servers. */
function serverPhase(doses: Doses): Phase | null {
  const lanes = serverLanes(doses);
  return lanes.length === 0 ? null : { name: 'servers', lanes };
}

/** F13: each sequence has two links; the other links keep working. */
function networkPhase({ F13 = 0 }: Doses): Phase | null {
  if (F13 === 0) return null;
  const trials = LINK_TRIALS.slice(0, Math.ceil(F13 / LINKS.length));
  const pairs: readonly (readonly LinkName[])[] = [
    ['generator-kafka', 'dispatcher-redis'],
    ['dispatcher-kafka', 'dispatcher-postgres'],
    ['worker-redis', 'worker-postgres'],
  ];
  return { name: 'links', lanes: pairs.map((links) => linkLane(links, trials)) };
}

/** F19, F20: wrong clocks and memory limits, all in parallel. */
function strainPhase({ F19 = 0, F20 = 0 }: Doses): Phase | null {
  if (F19 + F20 === 0) return null;
  const [clocksOfWorkers = 0, clocksOfOthers = 0] = split(F19, 2);
  const lanes: Lane[] = [];
  if (F19 > 0) {
    lanes.push(clockLane(clocksOfWorkers, [{ role: 'worker', index: 0 }]));
    lanes.push(
      clockLane(clocksOfOthers, [
        { role: 'dispatcher', index: 0 },
        { role: 'generator', index: 0 },
      ]),
    );
  }
  const [ofWorker = 0, ofDispatcher = 0] = split(F20, 2);
  if (F20 > 0) lanes.push(resourceLane(ofWorker, 'worker', 1), resourceLane(ofDispatcher, 'dispatcher', 1));
  return { name: 'strain', lanes };
}

/** F17, then F16: invalid records, then redelivery of the whole topic. Records that crash the process are quarantined here. */
function deliveryPhase({ F16 = 0, F17 = 0 }: Doses): Phase | null {
  if (F16 + F17 === 0) return null;
  const lanes = [...(F17 > 0 ? [poisonLane(F17)] : []), ...(F16 > 0 ? [redeliveryLane(F16)] : [])];
  return {
    name: 'delivery',
    lanes: [inOrder(...lanes)],
    system: { env: { dispatcher: { QUARANTINE_AFTER_CRASHES: '3' } } },
  };
}

/** F15. */
function slowPhase({ F15 = 0 }: Doses): Phase | null {
  if (F15 === 0) return null;
  // Larger chunks, as an operator would configure for such a slow database.
  return {
    name: 'slow',
    lanes: [slowConsumerLane()],
    system: { env: { dispatcher: { DISPATCH_CHUNK_RECORDS: '2000' } } },
  };
}

/**
 * F18, then F10. These pipelines trade on paper, because the restore also loses the paper orders of the lost minute. An
 * external broker would still have its orders, and the runbook requires comparing them manually.
 */
function storagePhase({ F10 = 0, F18 = 0 }: Doses): Phase | null {
  if (F10 + F18 === 0) return null;
  const lanes = [...(F18 > 0 ? [fullDiskLane(F18)] : []), ...(F10 > 0 ? [restoreLane(F10)] : [])];
  return { name: 'storage', lanes: [inOrder(...lanes)], system: { venues: 'paper' } };
}

/** F12: adds removed records to the audit snapshot. Offsets of two topics with one name cannot be ordered. */
function logPhase({ F12 = 0 }: Doses): Phase | null {
  if (F12 === 0) return null;
  const lost: LostRecords = { moved: [], unread: [] };
  return {
    name: 'log',
    lanes: [logLossLane(F12, lost)],
    check: { skip: F12 >= 5 ? ['A6', 'A8'] : [] },
    adjust: (snapshot) => withLostRecords(snapshot, lost),
  };
}

function withLostRecords(snapshot: AuditSnapshot, { moved, unread }: LostRecords): AuditSnapshot {
  const records = [...snapshot.records, ...moved];
  const known = new Set(records.flatMap(({ signal }) => (signal === null ? [] : [signal.signalId])));
  const gone = new Set(unread.flatMap(({ signal }) => (signal === null ? [] : [signal.signalId])));
  return {
    ...snapshot,
    records,
    published: snapshot.published.filter(({ signalId }) => known.has(signalId) || !gone.has(signalId)),
  };
}
