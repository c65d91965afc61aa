/**
 * The ceiling for everything that processes jobs: a no-op BullMQ worker. Prints `ready` when it accepts jobs.
 * Arguments: redis url, prefix, queue, concurrency, number of jobs, number of warm-up jobs. Prints one JSON object.
 */
import { Worker } from 'bullmq';

const [url = '', prefix = '', queue = '', concurrency = '50', total = '0', warmUp = '0'] = process.argv.slice(2);

async function main(): Promise<void> {
  const [count, skipped] = [Number(total), Number(warmUp)];
  let done = 0;
  let startedAt = 0;
  let startedWith = 0;
  const worker = new Worker(queue, () => Promise.resolve(), {
    connection: { url, maxRetriesPerRequest: null },
    prefix,
    concurrency: Number(concurrency),
    autorun: false,
  });
  worker.on('error', (error) => console.error(error));
  const ended = new Promise<number>((resolve) => {
    worker.on('completed', () => {
      done += 1;
      if (startedAt === 0 && done >= skipped) {
        startedAt = performance.now();
        startedWith = done;
      }
      if (done >= count) resolve(performance.now());
    });
  });
  await worker.waitUntilReady();
  console.log('ready');
  void worker.run();
  const endedAt = await ended;
  console.log(
    JSON.stringify({ jobs: done - startedWith, seconds: (endedAt - startedAt) / 1_000, endedAt: Date.now() }),
  );
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
