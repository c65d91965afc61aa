import { eventually } from '@tripline/testing';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { createDatabase, createDatabaseConfig } from '@tripline/database';
import { listenForPipelineChanges } from '../src/pipelines/pipeline-changes';

const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

function denial(message: string): Buffer {
  const fields = Buffer.from(`SERROR\0CXX000\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Accepts every connection and rejects every statement. */
async function startRefusingServer(): Promise<{
  server: Server;
  port: number;
  open: Set<Socket>;
  opened: () => number;
}> {
  const open = new Set<Socket>();
  let opened = 0;
  const server = createServer((socket) => {
    opened += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.concat([AUTHENTICATED, READY]));
      socket.on('data', (data) => {
        if (data[0] === 0x51) socket.write(Buffer.concat([denial('no'), READY]));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, open, opened: () => opened };
}

describe('listenForPipelineChanges', () => {
  it('leaves no connection open when LISTEN fails after connecting', async () => {
    const { server, port, open, opened } = await startRefusingServer();
    const database = createDatabase(createDatabaseConfig(`postgres://user:secret@127.0.0.1:${port}/none`));
    for (let n = 0; n < 3; n += 1) {
      const listener = listenForPipelineChanges(database, () => undefined);
      await expect(listener.start()).rejects.toThrow('no');
      await listener.stop();
    }
    expect(opened()).toBe(3);
    await eventually(() => expect(open.size).toBe(0));
    await new Promise((resolve) => server.close(resolve));
  });
});
