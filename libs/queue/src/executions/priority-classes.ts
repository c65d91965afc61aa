/** BullMQ's largest priority; 0 means no priority and is served before all others, in order of arrival. */
const MAX_TAG = 2 ** 21 - 1;
const EXPRESS = 0;
/** After this long without movement, the fair class counts as starved: express jobs alone keep the workers busy. */
const STARVED_AFTER_MS = 1_000;
const MAX_USERS = 10_000;

export interface Fairness {
  /** Executions per second of one user that go ahead of every user's excess. */
  readonly ratePerSecond: number;
  /** Executions of one user that may arrive at once within that rate. */
  readonly burst: number;
}

interface UserState {
  /** When the next execution is due at the fair rate (GCRA's theoretical arrival time), ms of the caller's clock. */
  dueAtMs: number;
  /** Tag of the user's last execution in the fair class; 0: none that may still wait. */
  lastTag: number;
}

/**
 * Decides the order in which executions of different users are processed. Executions within a user's fair rate go to the express
 * class. The excess goes to the fair class, where every execution has a tag and the smallest tag is served first: one more than
 * the user's last tag, and at least one more than the tag at the head of the class (self-clocked fair queueing). So the excess of
 * all users is interleaved one by one, however much one user has. Each user's own order is kept: while executions of a user wait
 * in the fair class, all further ones go there too. If the express class alone keeps the workers busy, all users go to the fair
 * class until its head has moved.
 *
 * Tags restart at 1 whenever the fair class is empty. If it stays non-empty for two million executions, all later ones get the
 * last tag: first come, first served, until the class is empty.
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

  /** Whether our executions may wait in the fair class, so that its head must be known. */
  get hasTags(): boolean {
    return this.#hasTags;
  }

  /** Records the tag at the head of the fair class; null when it is empty. */
  observeHead(head: number | null, nowMs: number): void {
    if (head !== this.#head) this.#headMovedAtMs = nowMs;
    this.#head = head;
    if (head !== null) return;
    this.#hasTags = false;
    for (const user of this.#users.values()) user.lastTag = 0;
  }

  /** Returns the priority of each user's next execution, in the order given. */
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

  /** Users whose state equals that of a new user. */
  #forgetIdle(nowMs: number): void {
    for (const [userId, user] of this.#users) {
      if (user.dueAtMs <= nowMs && !this.#mayWait(user)) this.#users.delete(userId);
    }
  }
}
