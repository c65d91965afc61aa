import { Queue } from 'bullmq';

const JOBS_PER_CALL = 1_000;

/** Adds waiting jobs with a bare producer. */
export async function fillQueue(options: {
  readonly url: string;
  readonly prefix: string;
  readonly queue: string;
  readonly count: number;
}): Promise<void> {
  const queue = new Queue(options.queue, { connection: { url: options.url }, prefix: options.prefix });
  for (let from = 0; from < options.count; from += JOBS_PER_CALL) {
    const length = Math.min(JOBS_PER_CALL, options.count - from);
    await queue.addBulk(Array.from({ length }, (_, n) => ({ name: 'job', data: { n: from + n } })));
  }
  await queue.close();
}
