/** BullMQ's largest priority; 0 is no priority, and is served before all others, in the order of arrival. */
const MAX_TAG = 2 ** 21 - 1;
const EXPRESS = 0;
/** The fair lane stands still for so long although it has jobs: express jobs alone keep the workers busy. */
const STARVED_AFTER_MS = 1_000;
const MAX_USERS = 10_000;

export interface Fairness {
  /** Runs a second of one user that go ahead of everybody's excess. */
  readonly ratePerSecond: number;
  /** Runs of one user that may come at once within that rate. */
  readonly burst: number;
}

interface UserState {
  /** When the next run is due at the fair rate (GCRA's theoretical arrival time), ms of the caller's clock. */
  dueAtMs: number;
  /** Tag of the last run in the fair lane; 0: none that may still wait. */
  lastTag: number;
}

/**
 * Decides in which order the runs of different users are worked off. Runs within a user's fair rate take the express lane;
 * what exceeds it takes the fair lane, where every run has a tag, smallest first: one more than the user's last tag, at
 * least one more than the tag at the lane's head (self-clocked fair queueing). So the users' excess is interleaved one by one,
 * however much one of them has, and a user's own order is kept: while runs of his wait in the fair lane, all of his go there.
 * Should the express lane alone keep the workers busy, everybody goes to the fair lane until it has moved.
 *
 * Tags begin again at 1 whenever the lane has run empty. Should it never do so for two million runs, the last tag is given
 * to all that follow: first come, first served, until the lane is empty.
 */
export class PriorityClasses {
  readonly #fairness: Fairness;
  readonly #users = new Map<string, UserState>();
  #head: number | null = null;
  #headMovedAtMs = 0;
  #hasTags = false;

  constructor(fairness: Fairness) {
    this.#fairness = fairness;
  }

  /** Whether some run of ours may wait in the fair lane, so that its head must be known. */
  get hasTags(): boolean {
    return this.#hasTags;
  }

  /** The tag at the head of the fair lane; null when it is empty. */
  observeHead(head: number | null, nowMs: number): void {
    if (head !== this.#head) this.#headMovedAtMs = nowMs;
    this.#head = head;
    if (head !== null) return;
    this.#hasTags = false;
    for (const user of this.#users.values()) user.lastTag = 0;
  }

  /** The priority of each user's next run, in the order given. */
  assign(userIds: readonly string[], nowMs: number): number[] {
    if (this.#users.size > MAX_USERS) this.#forgetIdle(nowMs);
    return userIds.map((userId) => this.#assignOne(userId, nowMs));
  }

  #assignOne(userId: string, nowMs: number): number {
    const user = this.#users.get(userId) ?? { dueAtMs: 0, lastTag: 0 };
    this.#users.set(userId, user);
    if (!this.#mayWait(user) && !this.#isStarved(nowMs)) {
      const intervalMs = 1_000 / this.#fairness.ratePerSecond;
      const dueAtMs = Math.max(user.dueAtMs, nowMs);
      if (dueAtMs - nowMs <= (this.#fairness.burst - 1) * intervalMs) {
        user.dueAtMs = dueAtMs + intervalMs;
        return EXPRESS;
      }
    }
    user.lastTag = Math.min(MAX_TAG, Math.max(this.#head ?? 0, user.lastTag) + 1);
    this.#hasTags = true;
    return user.lastTag;
  }

  #mayWait({ lastTag }: UserState): boolean {
    return lastTag > 0 && (this.#head === null || lastTag >= this.#head);
  }

  #isStarved(nowMs: number): boolean {
    return this.#head !== null && nowMs - this.#headMovedAtMs > STARVED_AFTER_MS;
  }

  /** Users who would be treated like new ones. */
  #forgetIdle(nowMs: number): void {
    for (const [userId, user] of this.#users) {
      if (user.dueAtMs <= nowMs && !this.#mayWait(user)) this.#users.delete(userId);
    }
  }
}
