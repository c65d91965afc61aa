import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFileWatermarkStore } from './watermark';

describe('createFileWatermarkStore', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tripline-watermark-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('starts at the beginning, then returns the saved watermark, and leaves no half-written file', async () => {
    const store = createFileWatermarkStore(join(dir, 'deep', 'history.json'));
    await expect(store.load('a')).resolves.toEqual({ feed: 'a', stepsDone: 0, lastEventTime: null });
    await store.save({ feed: 'a', stepsDone: 7, lastEventTime: 1_000 });
    await expect(store.load('a')).resolves.toEqual({ feed: 'a', stepsDone: 7, lastEventTime: 1_000 });
    await expect(readdir(join(dir, 'deep'))).resolves.toEqual(['history.json']);
  });

  it('ignores the watermark of another feed', async () => {
    const store = createFileWatermarkStore(join(dir, 'w.json'));
    await store.save({ feed: 'a', stepsDone: 7, lastEventTime: 1_000 });
    await expect(store.load('b')).resolves.toMatchObject({ feed: 'b', stepsDone: 0 });
  });

  it.each(['', '{', '{"feed":"a","stepsDone":-1,"lastEventTime":null}', 'null'])(
    'starts at the beginning when the file contains %j, because the decision log recognises repeated ids',
    async (text) => {
      const path = join(dir, 'w.json');
      await writeFile(path, text);
      await expect(createFileWatermarkStore(path).load('a')).resolves.toMatchObject({ stepsDone: 0 });
    },
  );
});
