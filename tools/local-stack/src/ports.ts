import { connect, createServer } from 'node:net';

const HIGHEST_PORT = 65_535;

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** True when a TCP connection to 127.0.0.1:port is accepted within `timeoutMs`. */
export function accepts(port: number, timeoutMs = 500): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * True when no process listens on the port, on loopback or on all addresses. Some systems allow a second listener on the
 * more specific address, which would silently shadow the first.
 */
export async function isPortFree(port: number): Promise<boolean> {
  if (!(await canListen(port, '127.0.0.1'))) return false;
  if (!(await canListen(port, '0.0.0.0'))) return false;
  return !(await accepts(port));
}

/** The first free port at or after `preferred`, not one of `taken`. */
export async function findFreePort(preferred: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = preferred; port <= HIGHEST_PORT; port++) {
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Error(`No free TCP port at or above ${preferred}`);
}

/** Free ports for every preferred one, all different. */
export async function findFreePorts(preferred: readonly number[]): Promise<number[]> {
  const taken = new Set<number>();
  for (const wanted of preferred) taken.add(await findFreePort(wanted, taken));
  return [...taken];
}
