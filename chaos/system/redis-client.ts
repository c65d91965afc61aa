import { connect, type Socket } from 'node:net';

type Reply = string | number | null | readonly Reply[];

const CRLF = '\r\n';
const ANSWER_DEADLINE_MS = 5_000;

/** Sends one command to Redis over its own connection. The harness must not depend on the client under test. */
export function askRedis(url: string, ...command: readonly string[]): Promise<Reply> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: Number(port), host: hostname });
    let received = Buffer.alloc(0);
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy(new Error(`redis did not answer ${command[0]}`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`redis closed the connection at ${command[0]}`)));
    socket.on('connect', () => socket.write(encode(command)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const parsed = parse(received, 0);
      if (parsed === null) return;
      if (parsed.value instanceof Error) reject(parsed.value);
      else resolve(parsed.value);
      socket.destroy();
    });
  });
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}${CRLF}${part}${CRLF}`);
  return `*${command.length}${CRLF}${parts.join('')}`;
}

/** Reads one RESP2 value; null if it is still incomplete. */
function parse(bytes: Buffer, from: number): { value: Reply | Error; next: number } | null {
  const end = bytes.indexOf(CRLF, from);
  if (end < 0) return null;
  const line = bytes.toString('utf8', from + 1, end);
  const next = end + CRLF.length;
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { value: line, next };
    case '-':
      return { value: new Error(line), next };
    case ':':
      return { value: Number(line), next };
    case '$':
      return parseBulk(bytes, next, Number(line));
    default:
      return parseArray(bytes, next, Number(line));
  }
}

function parseBulk(bytes: Buffer, from: number, length: number): { value: Reply; next: number } | null {
  if (length < 0) return { value: null, next: from };
  const next = from + length + CRLF.length;
  return bytes.length < next ? null : { value: bytes.toString('utf8', from, from + length), next };
}

function parseArray(bytes: Buffer, from: number, length: number): { value: Reply | Error; next: number } | null {
  const values: Reply[] = [];
  let next = from;
  for (let index = 0; index < length; index += 1) {
    const item = parse(bytes, next);
    if (item === null) return null;
    if (item.value instanceof Error) return item;
    values.push(item.value);
    next = item.next;
  }
  return { value: values, next };
}
