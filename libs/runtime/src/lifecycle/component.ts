/** A running part of a service. Constructing it does nothing; both methods may be called more than once. */
export interface Component {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
