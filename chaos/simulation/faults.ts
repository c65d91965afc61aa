import type { SimProcess } from './kernel/sim-process';
import type { Trap, World } from './kernel/world';
import type { Fleet } from './fleet';
import type { System } from './system';

/** One fault; the numbers are those of the fault matrix. */
type Fault = (system: System, fleet: Fleet) => void;

const second = 1_000;

function anyOf(system: System, processes: readonly SimProcess[]): SimProcess | null {
  const alive = processes.filter(({ isAlive }) => isAlive);
  return alive.length === 0 ? null : system.world.random.pick(alive);
}

/** Requests whose sender may fail before or after them. Together they cover the named points of the crash table. */
const PLACES = [
  'COMMIT',
  'decide-lock-states',
  'decide-write-progress',
  'decide-mark',

  'produce',
  'ack',
  'decide',
  'add',
  'mark',
  'commit',
  'executions-claim',
  'execution-checkpoint',
  'broker submit',
  'executions-end',
  'completed',
  'sweep',
  'executions-renew',
  'execution-release',
];

function anyPlace({ random }: World): Pick<Trap, 'label' | 'moment'> {
  return { label: random.pick(PLACES), moment: random.pick(['sent', 'done'] as const) };
}

/** Keyed by name to make traces readable; all are equally likely. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'F1 kill': (system, fleet) => anyOf(system, fleet.processes())?.kill(),
  'F2 kill at': ({ world }) => world.setTrap({ ...anyPlace(world), spring: (process) => process.kill() }),
  'F5 pause at': ({ world }) => {
    const ms = world.random.pick([5, 20, 60, 120]) * second;
    world.setTrap({ ...anyPlace(world), spring: (process) => process.pause(ms) });
  },
  'F3 kill two': (system, fleet) => {
    anyOf(system, fleet.processes())?.kill();
    anyOf(system, fleet.processes())?.kill();
  },
  'F4 stop gently': (system, fleet) => fleet.stopOne(system.world.random),
  'F4 stop at': ({ world }, fleet) => {
    const label = world.random.pick(['COMMIT', 'decide-write-progress', 'commit', 'executions-end']);
    world.setTrap({ label, moment: 'done', spring: (process) => fleet.stop(process) });
  },
  'F5 pause': (system, fleet) => {
    anyOf(system, fleet.processes())?.pause(system.world.random.pick([5, 20, 60, 120]) * second);
  },
  'F6 redis crash': ({ redis, world }) => {
    redis.server.crash(world.random.between(1, 20) * second, () => redis.rewind(world.random.int(second)));
  },
  'F7 redis emptied': ({ redis }) => redis.flush(),
  'F7 redis restored': ({ redis, world }) => redis.rewind(world.random.between(2, 60) * second),
  'F8 redis pause': ({ redis, world }) => redis.server.pause(world.random.between(10, 60) * second),
  'F9 postgres crash': ({ postgres, world }) => postgres.server.crash(world.random.between(1, 20) * second),
  'F9 postgres pause': ({ postgres, world }) => postgres.server.pause(world.random.between(5, 60) * second),
  'F9 postgres connections': ({ postgres }) => postgres.server.dropConnections(),
  'F11 kafka crash': ({ kafka, world }) => {
    kafka.topic.loseUnacknowledged();
    kafka.server.crash(world.random.between(1, 20) * second, () => kafka.group.forgetMembers());
  },
  'F11 kafka pause': ({ kafka, world }) => kafka.server.pause(world.random.between(5, 60) * second),
  'F12 offsets lost': ({ kafka, world }) => {
    world.log('the offsets of the group are lost');
    kafka.group.committed.clear();
    kafka.group.forgetMembers();
  },
  'F13 network': ({ weather, world }) => {
    world.log('bad weather');
    Object.assign(weather, { loss: 0.02 + world.random.float() * 0.15, delay: world.random.float() * 0.3 });
    const ms = world.random.between(5, 30) * second;
    world.lasts(ms);
    world.at(ms, () => Object.assign(weather, CALM));
  },
  'F14 rebalance': ({ kafka, world }) => {
    const guest = `guest-${world.steps}`;
    kafka.group.join(guest, () => world.at(world.random.between(1, 5) * second, () => kafka.group.leave(guest)));
  },
};

export const CALM = { loss: 0, delay: 0.02 };

/** Injects some faults between now and `untilMs`. */
export function scheduleFaults(system: System, fleet: Fleet, count: number, untilMs: number): void {
  const { world } = system;
  const names = Object.keys(FAULTS);
  for (let index = 0; index < count; index += 1) {
    const name = world.random.pick(names);
    world.at(world.random.int(untilMs), () => {
      world.log(`fault ${name}`);
      FAULTS[name]?.(system, fleet);
    });
  }
}
