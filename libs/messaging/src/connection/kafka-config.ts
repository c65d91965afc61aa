import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A value that is revealed only where it is used; the runtime's `Secret` satisfies it. */
export interface SecretValue {
  reveal(): string;
}

export interface KafkaTls {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: SecretValue;
  readonly rejectUnauthorized: boolean;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: SecretValue;
    }
  | {
      readonly mechanism: 'oauthbearer';
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecret: SecretValue;
      readonly scope?: string;
    };

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: KafkaTls | false;
  readonly sasl?: KafkaSasl;
  /** False only for brokers that know no idempotent producer (librdkafka's mock). */
  readonly idempotent: boolean;
  /** False where topics are made by somebody else: `ensureTopic` then only checks. */
  readonly topicManagement: boolean;
}

export const kafkaConfigSchema = z.object({}).transform((): KafkaConfig => {
  readFileSync('/x');
  throw new Error('not built yet');
});
