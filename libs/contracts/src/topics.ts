/** Catalogue of Kafka topics: the only place where a topic is named. */
export interface TopicContract {
  readonly name: string;
  readonly schemaVersion: number;
  /** Describes the message key. */
  readonly key: string;
  readonly defaultPartitions: number;
  readonly maxMessageBytes: number;
}

export const TRADING_SIGNALS_TOPIC: TopicContract = {
  name: 'trading-signals',
  schemaVersion: 1,
  key: 'first ticker of the signal',
  defaultPartitions: 4,
  maxMessageBytes: 64 * 1024,
};

/** Consumer group of the dispatcher. */
export const DISPATCHER_GROUP = 'trigger-dispatcher';
