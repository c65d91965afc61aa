import { eventually } from '@tripline/testing';

import { type CommitRequest, OffsetCommitter } from './offset-committer';

function createHarness(denials = 0) {
  const requests: string[] = [];
  let left = denials;
  const commit = async ({ topics }: CommitRequest): Promise<void> => {
    if (left > 0) {
      left -= 1;
      throw new Error('refused');
    }
    requests.push(topics.flatMap(({ partitions }) => partitions.map((it) => `${it.partition}:${it.offset}`)).join(' '));
  };
  return { committer: new OffsetCommitter(5), commit, requests };
}

describe('the offset committer', () => {
  it('commits the first offset at once and batches later ones while busy, keeping the newest of each partition', async () => {
    const { committer, commit, requests } = createHarness();
    committer.add('t', 0, '1', commit);
    committer.add('t', 0, '2', commit);
    committer.add('t', 1, '7', commit);
    committer.add('t', 0, '3', commit);
    await eventually(() => expect(requests).toEqual(['0:1', '0:3 1:7']));
  });

  it('reports a rejected commit once and keeps its offsets for the next attempt', async () => {
    const { committer, commit, requests } = createHarness(1);
    committer.add('t', 0, '1', commit);
    await eventually(() => expect(() => committer.throwIfRefused()).toThrow('refused'));
    expect(() => committer.throwIfRefused()).not.toThrow();
    await committer.flush();
    expect(requests).toEqual(['0:1']);
  });

  it('finishes a flush even when the commit is rejected', async () => {
    const { committer, commit, requests } = createHarness(9);
    committer.add('t', 0, '1', commit);
    await committer.flush();
    expect(requests).toEqual([]);
  });

  it('drops offsets of an older assignment', async () => {
    const { committer, commit, requests } = createHarness(1);
    committer.add('t', 0, '1', commit);
    committer.forget();
    await committer.flush();
    expect(requests).toEqual([]);
    expect(() => committer.throwIfRefused()).not.toThrow();
  });
});
