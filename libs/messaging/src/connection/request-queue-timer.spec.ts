import { once } from 'node:events';
import { createServer } from 'node:net';

import { Kafka, logLevel } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue';

import { createKafkaConnection } from './kafka-connection';
import { patchRequestQueueTimer } from './request-queue-timer';

describe('patchRequestQueueTimer', () => {
  it('schedules a check only while something is pending', () => {
    const calls: number[] = [];
    const prototype = {
      pending: [] as number[],
      scheduleCheckPendingRequests(this: { pending: readonly unknown[] }) {
        calls.push(this.pending.length);
      },
    };
    expect(patchRequestQueueTimer(prototype)).toBe(true);
    expect(patchRequestQueueTimer(prototype)).toBe(true);
    prototype.scheduleCheckPendingRequests();
    prototype.pending.push(1);
    prototype.scheduleCheckPendingRequests();
    expect(calls).toEqual([1]);
  });

  it('returns false when the method is missing', () => {
    expect(patchRequestQueueTimer({})).toBe(false);
  });

  it('works with the installed kafkajs, which then sets no negative timer', async () => {
    expect(patchRequestQueueTimer(RequestQueue.prototype)).toBe(true);
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    const server = createServer((socket) => socket.on('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const brokers = [`127.0.0.1:${typeof address === 'object' ? address?.port : 0}`];
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
    await expect(admin.connect()).rejects.toThrow();
    await admin.disconnect();
    server.close();
    const delays = setTimer.mock.calls.map(([, ms]) => ms ?? 0);
    setTimer.mockRestore();
    expect(delays.filter((ms) => ms < 0)).toEqual([]);
  });

  it('is applied when a connection is created', () => {
    const warnings: unknown[] = [];
    const quiet = () => undefined;
    createKafkaConnection(
      { brokers: ['127.0.0.1:1'], clientId: 'c', ssl: false, idempotent: true, topicManagement: true },
      { logger: { debug: quiet, info: quiet, warn: (fields) => warnings.push(fields), error: quiet } },
    );
    expect(warnings).toEqual([]);
  });
});
