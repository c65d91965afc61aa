import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { Writable } from 'node:stream';

import { coalesceWrites } from './coalesce-writes';

/** Records what each system call would send. */
function createSink() {
  const calls: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      calls.push(chunk);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  coalesceWrites(stream);
  return { calls, stream };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('coalesceWrites', () => {
  it('sends everything written in one turn, including its promise callbacks, in one call', async () => {
    const { calls, stream } = createSink();
    stream.write('a');
    stream.write('b');
    void Promise.resolve().then(() => stream.write('c'));
    await turn();
    stream.write('d');
    await turn();
    expect(calls.join('|')).toMatch(/^ab\|?c\|d$/);
  });

  it('sends a lone write in the same turn, and calls every callback', async () => {
    const { calls, stream } = createSink();
    const done = jest.fn();
    stream.write('a', done);
    stream.write('b', 'utf8', done);
    await turn();
    expect(calls).toEqual(['ab']);
    expect(done).toHaveBeenCalledTimes(2);
  });

  it('works with a connected socket', async () => {
    const received: string[] = [];
    const server = createServer((peer) => peer.setEncoding('utf8').on('data', (text: string) => received.push(text)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = new Socket();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    coalesceWrites(socket);
    const calls = jest.spyOn(socket as Socket & { _writev(): void }, '_writev');
    for (const text of ['a', 'b', 'c']) {
      // As the PostgreSQL client does for each statement.
      socket.cork();
      socket.write(text);
      socket.uncork();
    }
    socket.end();
    await once(socket, 'close');
    expect(received.join('')).toBe('abc');
    expect(calls).toHaveBeenCalledTimes(1);
    server.close();
  });

  it('keeps the grouping of a writer that corks the stream itself', async () => {
    const { calls, stream } = createSink();
    stream.cork();
    stream.write('a');
    stream.write('b');
    stream.uncork();
    stream.end('c');
    await turn();
    expect(calls.join('')).toBe('abc');
    expect(stream.writableFinished).toBe(true);
  });
});
