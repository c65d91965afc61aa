/** kafkajs has no types for its internals. These cover only what `patchRequestQueueTimer` and `patchFetchDecoder` use. */
declare module 'kafkajs/src/network/requestQueue' {
  const RequestQueue: { prototype: object };
  export default RequestQueue;
}
declare module 'kafkajs/src/protocol/requests/fetch/v11/response' {
  const response: { decode: (raw: Buffer) => Promise<unknown> };
  export default response;
}
declare module 'kafkajs/src/protocol/decoder' {
  const Decoder: import('./lazy-fetch-decoder').FetchInternals['Decoder'];
  export default Decoder;
}
declare module 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages' {
  const decodeMessages: import('./lazy-fetch-decoder').FetchInternals['decodeMessages'];
  export default decodeMessages;
}
declare module 'kafkajs/src/protocol/message/compression' {
  export const lookupCodecByAttributes: import('./lazy-fetch-decoder').FetchInternals['lookupCodecByAttributes'];
}
declare module 'kafkajs/src/protocol/encoder' {
  export default class Encoder {
    readonly buffer: Buffer;
    writeInt16(value: number): Encoder;
    writeInt32(value: number): Encoder;
    writeInt64(value: number): Encoder;
    writeString(value: string): Encoder;
    writeBytes(value: Buffer): Encoder;
  }
}
declare module 'kafkajs/src/protocol/recordBatch/v0' {
  export function RecordBatch(options: Record<string, unknown>): Promise<{ readonly buffer: Buffer }>;
}
declare module 'kafkajs/src/protocol/recordBatch/record/v0' {
  export default function encodeRecord(record: Record<string, unknown>): unknown;
}
