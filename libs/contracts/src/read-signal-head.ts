import { TICKER_PATTERN } from '@tripline/market';
import type { SignalHead } from '@tripline/triggers';

import { SIGNAL_TYPE_PATTERN } from './pipelines';
import { readTime, UUID_PATTERN } from './signal-fast-path';
import { SIGNAL_SCHEMA_VERSION } from './signals';

/** Short enough that a message cannot reach the limits on metadata, keys or strings. */
const MAX_BYTES = 2_048;

/** Printable ASCII without quote and backslash: needs no decoding and is always well-formed. */
const TEXT = '[ !#-\\[\\]-~]';
/** A number as JavaScript writes it. A two-digit exponent cannot overflow. */
const NUMBER = '-?(?:0|[1-9]\\d{0,20})(?:\\.\\d{1,25})?(?:e[+-]\\d{1,2})?';
const VALUE = `(?:"${TEXT}*"|${NUMBER}|true|false|null)`;
const KEY = '"(?!constructor"|prototype")[A-Za-z][A-Za-z0-9_]{0,63}"';
const CONFIDENCE = '100|(?:0|[1-9]\\d?)(?:\\.\\d{1,17})?';
/** The source of a pattern without its anchors. */
const inner = ({ source }: RegExp): string => source.replace(/^\^|\$$/g, '');

/** A message with one ticker and flat metadata, as `toSignalMessage` and `JSON.stringify` write it. */
const USUAL_BYTES = new RegExp(
  [
    `^\\{"signal_id":"(${inner(UUID_PATTERN)})"`,
    `"signal_type":"(${inner(SIGNAL_TYPE_PATTERN)})"`,
    `"source":"(${TEXT}{1,100})"`,
    `"timestamp":"([0-9T:.\\-]{19,23}Z)"`,
    `"tickers":\\[\\{"ticker":"(${inner(TICKER_PATTERN)})"`,
    `"signal":"(BULLISH|BEARISH|NEUTRAL)"`,
    `"confidence":(${CONFIDENCE})(?:,"reasoning":"${TEXT}*")?\\}\\]`,
    `"metadata":\\{(?:${KEY}:${VALUE}(?:,${KEY}:${VALUE})*)?\\}`,
    `"schema_version":${SIGNAL_SCHEMA_VERSION}(?:,"publisher":"(${inner(UUID_PATTERN)})")?(?:,"owner":"(${inner(UUID_PATTERN)})")?\\}$`,
  ].join(','),
);

/**
 * Peeks at the fields that matching needs and validates the rest without parsing it, because most signals match no pipeline.
 * Null means that the full parser must decide, not that the message is invalid. Everything this accepts, `decodeSignal`
 * accepts with the same values; a property test compares the two.
 */
export function readSignalHead(value: Buffer | null): SignalHead | null {
  if (value === null || value.length > MAX_BYTES) return null;
  const found = USUAL_BYTES.exec(value.toString('latin1'));
  if (found === null) return null;
  const occurredAt = readTime(found[4] as string);
  if (occurredAt === null) return null;
  return {
    signalId: found[1] as string,
    signalType: found[2] as string,
    source: found[3] as string,
    occurredAt,
    tickers: [
      {
        ticker: found[5] as string,
        signal: found[6] as SignalHead['tickers'][number]['signal'],
        confidence: Number(found[7]),
      },
    ],
    schemaVersion: SIGNAL_SCHEMA_VERSION,
    publisher: found[8],
    owner: found[9],
  };
}
