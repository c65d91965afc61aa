import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { startTcpProxy, type TcpProxy } from './tcp-proxy';

let echo: Server;
let proxy: TcpProxy;
const open: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  proxy = await startTcpProxy({ port: 0, targetPort: (echo.address() as AddressInfo).port, random: () => 0 });
});
afterEach(async () => {
  open.splice(0).forEach((socket) => socket.destroy());
  await proxy.close();
  echo.close();
});

async function dial(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

async function ask(socket: Socket, text: string): Promise<string> {
  let answer = '';
  const whole = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      if (answer.length >= text.length) resolve(answer);
    });
  });
  socket.write(text);
  return whole;
}

describe('startTcpProxy', () => {
  it('forwards both directions when there is no fault', async () => {
    expect(await ask(await dial(), 'hello')).toBe('hello');
    expect(proxy.connections()).toBe(1);
  });

  it.each([
    { kind: 'black_hole' },
    { kind: 'one_way', direction: 'down' },
    { kind: 'one_way', direction: 'up' },
  ] as const)('holds everything back until it heals: %j', async (fault) => {
    const socket = await dial();
    await proxy.impose(fault);
    let healed = false;
    const answer = ask(socket, 'hello').then((text) => ({ text, healed }));
    healed = true;
    await proxy.heal();
    expect(await answer).toEqual({ text: 'hello', healed: true });
  });

  it('resets open connections, refuses new ones, and recovers on the same port', async () => {
    const socket = await dial();
    const gone = closed(socket);
    await proxy.impose({ kind: 'refuse' });
    await gone;
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.heal();
    expect(await ask(await dial(), 'again')).toBe('again');
  });

  it('delays each direction by the latency', async () => {
    await proxy.impose({ kind: 'latency', ms: 40, jitterMs: 0 });
    const from = performance.now();
    await ask(await dial(), 'slow');
    expect(performance.now() - from).toBeGreaterThan(75);
  });

  it('keeps order and content in slices and at low bandwidth', async () => {
    const text = Array.from({ length: 400 }, (_, index) => `line ${index}`).join('\n');
    await proxy.impose({ kind: 'slices', share: 1 });
    expect(await ask(await dial(), text)).toBe(text);
    await proxy.impose({ kind: 'bandwidth', bytesPerSecond: 64_000 });
    expect(await ask(await dial(), text)).toBe(text);
  });

  it('resets connections once', async () => {
    const socket = await dial();
    await ask(socket, 'x');
    const gone = closed(socket);
    proxy.reset();
    await gone;
    expect(await ask(await dial(), 'y')).toBe('y');
  });
});
