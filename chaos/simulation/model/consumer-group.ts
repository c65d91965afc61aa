import type { World } from '../kernel/world';

/** The coordinator rejected the request: the member is not in the group, or its generation is out of date. */
export class GroupError extends Error {
  readonly type: 'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION' | 'REBALANCE_IN_PROGRESS';

  constructor(type: GroupError['type']) {
    super(type);
    this.name = 'GroupError';
    this.type = type;
  }
}

export interface Membership {
  readonly memberId: string;
  readonly generation: number;
  readonly partitions: readonly number[];
}

interface Member {
  readonly id: string;
  lastSeen: number;
  /** Answers the join; null while the member has not joined the next generation. */
  joined: ((membership: Membership) => void) | null;
  partitions: readonly number[];
}

/**
 * A consumer group as Kafka's coordinator keeps it. A rebalance waits until every member has rejoined, its session has
 * expired, or the rebalance times out. Commits and heartbeats of other generations are rejected.
 */
export class ConsumerGroup {
  readonly committed = new Map<number, bigint>();
  readonly #world: World;
  readonly #partitions: number;
  readonly #sessionMs: number;
  readonly #members = new Map<string, Member>();
  #generation = 0;
  #isRebalancing = false;
  #round = 0;

  constructor(world: World, options: { readonly partitions: number; readonly sessionMs: number }) {
    this.#world = world;
    this.#partitions = options.partitions;
    this.#sessionMs = options.sessionMs;
  }

  /** `answer` is called at the end of the rebalance. */
  join(memberId: string, answer: (membership: Membership) => void): void {
    const known = this.#members.get(memberId);
    const member = known ?? { id: memberId, lastSeen: 0, joined: null, partitions: [] };
    member.lastSeen = this.#world.now;
    member.joined = answer;
    this.#members.set(memberId, member);
    if (known === undefined) this.#watch(member);
    this.#rebalance();
    this.#finishWhenComplete();
  }

  heartbeat(memberId: string, generation: number): void {
    this.#member(memberId, generation).lastSeen = this.#world.now;
    if (this.#isRebalancing) throw new GroupError('REBALANCE_IN_PROGRESS');
  }

  commit(memberId: string, generation: number, partition: number, offset: bigint): void {
    const member = this.#member(memberId, generation);
    member.lastSeen = this.#world.now;
    if (!member.partitions.includes(partition)) throw new GroupError('ILLEGAL_GENERATION');
    this.committed.set(partition, offset);
  }

  leave(memberId: string): void {
    if (!this.#members.delete(memberId)) return;
    this.#rebalance();
    this.#finishWhenComplete();
  }

  /** The coordinator has moved: every member must rejoin. */
  forgetMembers(): void {
    this.#members.clear();
    this.#isRebalancing = false;
    this.#generation += 1;
  }

  #member(memberId: string, generation: number): Member {
    const member = this.#members.get(memberId);
    if (member === undefined) throw new GroupError('UNKNOWN_MEMBER_ID');
    if (generation !== this.#generation) throw new GroupError('ILLEGAL_GENERATION');
    return member;
  }

  /** A member that sends no heartbeat for a session is removed. */
  #watch(member: Member): void {
    this.#world.at(member.lastSeen + this.#sessionMs - this.#world.now, () => {
      if (this.#members.get(member.id) !== member) return;
      // A member that waits for the end of a rebalance counts as alive.
      if (member.joined !== null) member.lastSeen = this.#world.now;
      if (member.lastSeen + this.#sessionMs > this.#world.now) return this.#watch(member);
      this.#world.log(`group: the session of ${member.id} is over`);
      this.leave(member.id);
    });
  }

  #rebalance(): void {
    if (this.#isRebalancing) return;
    this.#isRebalancing = true;
    const round = (this.#round += 1);
    this.#world.at(REBALANCE_TIMEOUT_MS, () => {
      if (!this.#isRebalancing || round !== this.#round) return;
      for (const member of [...this.#members.values()]) if (member.joined === null) this.#members.delete(member.id);
      this.#finishWhenComplete();
    });
  }

  #finishWhenComplete(): void {
    const members = [...this.#members.values()];
    if (!this.#isRebalancing || members.some(({ joined }) => joined === null)) return;
    this.#isRebalancing = false;
    this.#generation += 1;
    const all = Array.from({ length: this.#partitions }, (_, partition) => partition);
    members.forEach((member, index) => {
      member.partitions = all.filter((partition) => partition % members.length === index);
      const answer = member.joined;
      member.joined = null;
      member.lastSeen = this.#world.now;
      answer?.({ memberId: member.id, generation: this.#generation, partitions: member.partitions });
    });
    const shares = members.map(({ id, partitions }) => `${id}=[${partitions.join(',')}]`);
    this.#world.log(`group: generation ${this.#generation} ${shares.join(' ')}`);
  }
}

const REBALANCE_TIMEOUT_MS = 30_000;
