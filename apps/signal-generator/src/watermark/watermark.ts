import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import { z } from 'zod';

/**
 * How far a feed has been published: the broker has acknowledged every step up to and including this one. Losing the watermark
 * is harmless: the feed is sent again with the same signal ids, which the decision log recognises.
 */
const watermarkSchema = z.object({
  /** Key of the feed and its settings; a different feed starts from its beginning. */
  feed: z.string(),
  /** Number of completed steps. */
  stepsDone: z.int().min(0),
  /** Event time of the last completed step, epoch ms; null before the first. */
  lastEventTime: z.number().nullable(),
});
export type Watermark = z.infer<typeof watermarkSchema>;

/** Stores the watermark between two starts. */
export interface WatermarkStore {
  /** The saved watermark of this feed, or the beginning when there is none, it belongs to another feed, or it is unreadable. */
  load(feed: string): Promise<Watermark>;
  save(watermark: Watermark): Promise<void>;
}

const beginning = (feed: string): Watermark => ({ feed, stepsDone: 0, lastEventTime: null });

/** Keeps the watermark in a file that is synced and replaced atomically: a crash leaves the old or the new one. */
export function createFileWatermarkStore(path: string): WatermarkStore {
  return {
    async load(feed) {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      if (text === '') return beginning(feed);
      const parsed = watermarkSchema.safeParse(parseJson(text));
      return parsed.success && parsed.data.feed === feed ? parsed.data : beginning(feed);
    },
    async save(watermark) {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(`${path}.next`, 'w');
      try {
        await file.writeFile(`${JSON.stringify(watermark)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.next`, path);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
