/** For each state, the events it allows and the state each leads to. A state without events is terminal. */
export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Event, State>>>>
>;

/** The questions that code, SQL and the simulation ask of one transition table. */
export interface Lifecycle<State extends string, Event extends string> {
  /** Every state, in the order of the table. */
  readonly states: readonly State[];
  /** States that some event can still change. */
  readonly open: readonly State[];
  /** States that never change. */
  readonly terminal: readonly State[];
  readonly isOpen: (state: State) => boolean;
  /** The states that allow the event: the condition of an UPDATE that applies it. */
  readonly allowing: (event: Event) => readonly State[];
  /** The state after the event; null when the state does not allow it. */
  readonly after: (state: State, event: Event) => State | null;
}

/** Derives the answers once; the table itself is the only place where a state or a transition is named. */
export function createLifecycle<State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
): Lifecycle<State, Event> {
  const states = Object.keys(table) as State[];
  const isOpen = (state: State): boolean => Object.keys(table[state]).length > 0;
  return {
    states,
    open: states.filter(isOpen),
    terminal: states.filter((state) => !isOpen(state)),
    isOpen,
    allowing: (event) => states.filter((state) => table[state][event] !== undefined),
    after: (state, event) => table[state][event] ?? null,
  };
}
