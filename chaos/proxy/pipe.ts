import type { Socket } from 'node:net';

/** The current faults of one direction of a link. */
export interface Weather {
  /** Nothing passes; sent data waits, like retransmitted packets. */
  readonly blocked: boolean;
  readonly latencyMs: number;
  /** Maximum of the random delay added to the latency. */
  readonly jitterMs: number;
  /** Infinity: no limit. */
  readonly bytesPerSecond: number;
  /** Share of the chunks that are cut into slices and sent one after the other. */
  readonly sliceShare: number;
}

export const FAIR_WEATHER: Weather = {
  blocked: false,
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Infinity,
  sliceShare: 0,
};

export interface PipeOptions {
  readonly weather: () => Weather;
  /** Resolves when the faults change. */
  readonly change: () => Promise<void>;
  readonly random: () => number;
}

const MAX_WAITING_BYTES = 256 * 1024;
const SLICES = 8;
const SLICE_PAUSE_MS = 5;

/** Copies one direction of a connection under the current faults, in order, with back pressure. */
export function pipeThrough(from: Socket, to: Socket, options: PipeOptions): void {
  const waiting: { chunk: Buffer; dueAt: number }[] = [];
  let waitingBytes = 0;
  let isPumping = false;
  let hasEnded = false;

  const pump = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await untilOpen(options, to);
      await pause(next.dueAt - performance.now());
      // The link may have been blocked in the meantime; the fault applies to data in flight too.
      await untilOpen(options, to);
      waiting.shift();
      await send(next.chunk, to, options);
      waitingBytes -= next.chunk.length;
      if (waitingBytes < MAX_WAITING_BYTES) from.resume();
    }
    if (hasEnded) to.end();
  };
  const start = (): void => {
    if (isPumping) return;
    isPumping = true;
    void pump().finally(() => (isPumping = false));
  };

  from.on('data', (chunk: Buffer) => {
    const { latencyMs, jitterMs } = options.weather();
    waiting.push({ chunk, dueAt: performance.now() + latencyMs + options.random() * jitterMs });
    waitingBytes += chunk.length;
    if (waitingBytes >= MAX_WAITING_BYTES) from.pause();
    start();
  });
  from.on('end', () => {
    hasEnded = true;
    start();
  });
}

async function untilOpen({ weather, change }: PipeOptions, to: Socket): Promise<void> {
  while (weather().blocked && !to.destroyed) await change();
}

async function send(chunk: Buffer, to: Socket, { weather, random }: PipeOptions): Promise<void> {
  const { bytesPerSecond, sliceShare } = weather();
  const isSliced = random() < sliceShare;
  const size = isSliced ? Math.max(1, Math.ceil(chunk.length / SLICES)) : chunk.length;
  for (let at = 0; at < chunk.length && !to.destroyed; at += size) {
    const part = chunk.subarray(at, at + size);
    if (!to.write(part)) await new Promise<void>((resolve) => whenWritable(to, resolve));
    await pause(
      Number.isFinite(bytesPerSecond) ? (part.length * 1000) / bytesPerSecond : isSliced ? SLICE_PAUSE_MS : 0,
    );
  }
}

function whenWritable(socket: Socket, resolve: () => void): void {
  const done = (): void => {
    socket.off('drain', done);
    socket.off('close', done);
    resolve();
  };
  socket.on('drain', done);
  socket.on('close', done);
}

/** Does not yield when there is nothing to wait for. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
