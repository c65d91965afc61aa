import { connect } from 'node:net';

const CHECK_TIMEOUT_MS = 1_000;
const API_VERSIONS = { key: 18, version: 0 };
/** Version 4: the newest version without compact encodings that every supported broker speaks. */
const METADATA = { key: 3, version: 4 };
const CLIENT_ID = 'tripline-health';

/** Resolves when the broker answers ApiVersions; it may accept connections before it serves requests. */
export async function checkKafka(port: number): Promise<void> {
  const answer = await exchange(port, API_VERSIONS, Buffer.alloc(0));
  const errorCode = answer.readInt16BE(0);
  if (errorCode !== 0) throw new Error(`Kafka answered with error ${errorCode}`);
}

/** The id of the cluster that answers on the port (Metadata without topics). Throws while there is no answer. */
export async function readClusterId(port: number): Promise<string | undefined> {
  const noTopics = Buffer.from([0, 0, 0, 0, /* allow auto topic creation: */ 0]);
  return parseClusterId(await exchange(port, METADATA, noTopics));
}

/** Metadata response v4: throttle time, brokers [id, host, port, rack], cluster id. Exported for its test. */
export function parseClusterId(body: Buffer): string | undefined {
  let at = 4;
  const readString = (): string | undefined => {
    const length = body.readInt16BE(at);
    at += 2;
    if (length < 0) return undefined;
    at += length;
    return body.toString('utf8', at - length, at);
  };
  const brokers = body.readInt32BE(at);
  at += 4;
  for (let index = 0; index < brokers; index++) {
    at += 4; // node id
    readString(); // host
    at += 4; // port
    readString(); // rack
  }
  return readString();
}

/** Sends one request with header v1 and returns the response body, without length and correlation id. */
function exchange(port: number, api: { key: number; version: number }, body: Buffer): Promise<Buffer> {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + CLIENT_ID.length + body.length, 0);
  header.writeInt16BE(api.key, 4);
  header.writeInt16BE(api.version, 6);
  header.writeInt32BE(1, 8); // correlation id
  header.writeInt16BE(CLIENT_ID.length, 12);
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () =>
      socket.write(Buffer.concat([header, Buffer.from(CLIENT_ID), body])),
    );
    let answer = Buffer.alloc(0);
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(reason));
    };
    socket.setTimeout(CHECK_TIMEOUT_MS, () => fail(`no answer from Kafka on port ${port}`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => reject(new Error(`Kafka on port ${port} closed the connection`)));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return;
      resolve(answer.subarray(8));
      socket.destroy();
    });
  });
}
