import { createServer, type AddressInfo, type Server } from 'node:net';
import { findFreePort, findFreePorts, isPortFree } from './ports';

function listen(host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

describe('ports', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('sees a listener on %s', async (host) => {
    const server = await listen(host);
    const port = portOf(server);
    expect(await isPortFree(port)).toBe(false);
    expect(await findFreePort(port)).toBeGreaterThan(port);
    await close(server);
    expect(await isPortFree(port)).toBe(true);
  });

  it('returns different ports', async () => {
    const server = await listen('127.0.0.1');
    const port = portOf(server);
    await close(server);
    const ports = await findFreePorts([port, port, port]);
    expect(new Set(ports).size).toBe(3);
  });

  it('throws when no port is free', async () => {
    await expect(findFreePort(65_536)).rejects.toThrow(/No free TCP port/);
  });
});
