import type { Bench } from './bench';
import { runBench } from './run-bench';

const RESULT = { name: 'x', figure: 2, unit: '/s', ceiling: 4, ratio: 0.5, goal: 'half', met: true };

function options(values: ReadonlyMap<string, string> = new Map()) {
  return {
    values,
    signal: new AbortController().signal,
    report: () => undefined,
    servers: () => Promise.reject(new Error('no servers here')),
  };
}

describe('running a bench', () => {
  it('passes its options and returns its result with the load of the machine', async () => {
    const seen: number[] = [];
    const bench: Bench = {
      name: 'x',
      description: '',
      flags: { signals: 'how many' },
      run: async (context) => {
        seen.push(context.options.number('signals', 1), context.options.runs(3));
        return RESULT;
      },
    };
    const result = await runBench(bench, options(new Map([['signals', '7']])));
    expect(seen).toEqual([7, 3]);
    expect(result).toMatchObject({ ...RESULT, load: expect.any(Number), benchSeconds: expect.any(Number) });
  });

  it('cleans up in reverse order when the bench fails, and when a clean-up fails', async () => {
    const done: string[] = [];
    const bench: Bench = {
      name: 'x',
      description: '',
      run: async ({ onCleanup }) => {
        onCleanup(async () => done.push('servers'));
        onCleanup(async () => Promise.reject(new Error('gone already')));
        onCleanup(async () => done.push('processes'));
        throw new Error('broken');
      },
    };
    await expect(runBench(bench, options())).rejects.toThrow('broken');
    expect(done).toEqual(['processes', 'servers']);
  });

  it('cleans up at once when it is aborted', async () => {
    const controller = new AbortController();
    const done: string[] = [];
    const bench: Bench = {
      name: 'x',
      description: '',
      run: ({ onCleanup }) => {
        onCleanup(async () => done.push('processes'));
        return new Promise(() => undefined);
      },
    };
    const running = runBench(bench, { ...options(), signal: controller.signal });
    controller.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
    expect(done).toEqual(['processes']);
  });
});
