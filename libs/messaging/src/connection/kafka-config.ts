import { readFileSync } from 'node:fs';

import { booleanFlag, requiredCsvList, Secret } from '@tripline/runtime';
import { z } from 'zod';

export interface KafkaTls {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly rejectUnauthorized: boolean;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: Secret;
    }
  | {
      readonly mechanism: 'oauthbearer';
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string;
    };

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: KafkaTls | false;
  readonly sasl?: KafkaSasl;
  /** False only for brokers without idempotent producers (librdkafka's mock). */
  readonly idempotent: boolean;
  /** False where an operator creates the topics: `ensureTopic` then only checks. */
  readonly topicManagement: boolean;
}

const BROKER = /^[A-Za-z0-9._-]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/;

const brokers = requiredCsvList().refine(
  (list) => list.every((broker) => BROKER.test(broker)),
  'must be host:port of one or more brokers, separated by commas',
);

const optionalText = z.string().trim().optional();

const environmentSchema = z.object({
  KAFKA_BROKERS: brokers,
  KAFKA_CLIENT_ID: z.string().trim().min(1).max(200).default('tripline'),
  KAFKA_SSL: booleanFlag(false),
  KAFKA_SSL_CA_FILE: optionalText,
  KAFKA_SSL_CERT_FILE: optionalText,
  KAFKA_SSL_KEY_FILE: optionalText,
  KAFKA_SSL_REJECT_UNAUTHORIZED: booleanFlag(true),
  KAFKA_SASL_MECHANISM: optionalText
    .transform((text) => text?.toLowerCase())
    .pipe(
      z
        .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'], {
          error: 'must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER',
        })
        .optional(),
    ),
  KAFKA_SASL_USERNAME: optionalText,
  KAFKA_SASL_PASSWORD: optionalText,
  KAFKA_OAUTH_TOKEN_ENDPOINT: optionalText,
  KAFKA_OAUTH_CLIENT_ID: optionalText,
  KAFKA_OAUTH_CLIENT_SECRET: optionalText,
  KAFKA_OAUTH_SCOPE: optionalText,
  KAFKA_IDEMPOTENT: booleanFlag(true),
  KAFKA_TOPIC_MANAGEMENT: booleanFlag(true),
});
type Environment = z.infer<typeof environmentSchema>;

/** Parses the KAFKA_* variables. Reads files here, so a wrong path stops the process with the variable's name. */
export const kafkaConfigSchema = environmentSchema.transform((env, context): KafkaConfig => {
  const refuse = (name: keyof Environment, message: string): undefined => {
    context.addIssue({ code: 'custom', path: [name], message, input: undefined });
    return undefined;
  };
  const sasl = parseSasl(env, refuse);
  return {
    brokers: env.KAFKA_BROKERS,
    clientId: env.KAFKA_CLIENT_ID,
    ssl: parseTls(env, refuse),
    ...(sasl === undefined ? {} : { sasl }),
    idempotent: env.KAFKA_IDEMPOTENT,
    topicManagement: env.KAFKA_TOPIC_MANAGEMENT,
  };
});

type Refuse = (name: keyof Environment, message: string) => undefined;

function parseTls(env: Environment, refuse: Refuse): KafkaTls | false {
  const files = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const;
  if (!env.KAFKA_SSL) {
    for (const name of files) if (env[name] !== undefined) refuse(name, 'has no effect unless KAFKA_SSL is true');
    return false;
  }
  if (env.KAFKA_SSL_CERT_FILE !== undefined && env.KAFKA_SSL_KEY_FILE === undefined) {
    refuse('KAFKA_SSL_KEY_FILE', 'is required together with KAFKA_SSL_CERT_FILE');
  }
  const [ca, cert, key] = files.map((name) => readPem(name, env[name], refuse));
  return {
    rejectUnauthorized: env.KAFKA_SSL_REJECT_UNAUTHORIZED,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: new Secret(key) }),
  };
}

function readPem(name: keyof Environment, path: string | undefined, refuse: Refuse): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return refuse(name, `names a file that cannot be read (${code})`);
  }
}

function parseSasl(env: Environment, refuse: Refuse): KafkaSasl | undefined {
  const mechanism = env.KAFKA_SASL_MECHANISM;
  const need = (name: keyof Environment): string => {
    const value = env[name];
    if (typeof value === 'string') return value;
    refuse(name, `is required by KAFKA_SASL_MECHANISM=${mechanism}`);
    return '';
  };
  if (mechanism === undefined) {
    if (env.KAFKA_SASL_USERNAME !== undefined) refuse('KAFKA_SASL_MECHANISM', 'is required with KAFKA_SASL_USERNAME');
    return undefined;
  }
  if (mechanism !== 'oauthbearer') {
    return {
      mechanism,
      username: need('KAFKA_SASL_USERNAME'),
      password: new Secret(need('KAFKA_SASL_PASSWORD')),
    };
  }
  return {
    mechanism,
    tokenEndpoint: requireUrl(need('KAFKA_OAUTH_TOKEN_ENDPOINT'), refuse),
    clientId: need('KAFKA_OAUTH_CLIENT_ID'),
    clientSecret: new Secret(need('KAFKA_OAUTH_CLIENT_SECRET')),
    ...(env.KAFKA_OAUTH_SCOPE === undefined ? {} : { scope: env.KAFKA_OAUTH_SCOPE }),
  };
}

function requireUrl(text: string, refuse: Refuse): string {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (text !== '' && !isHttp) refuse('KAFKA_OAUTH_TOKEN_ENDPOINT', 'must be an http(s) URL');
  return text;
}
