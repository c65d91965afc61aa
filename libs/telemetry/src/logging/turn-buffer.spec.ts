import { bufferPerTurn } from './turn-buffer';

function createHarness() {
  const writes: string[] = [];
  const stream = bufferPerTurn({ write: (lines: string) => void writes.push(lines) });
  return { stream, writes };
}

const turn = async () => new Promise<void>((resolve) => setImmediate(resolve));

describe('bufferPerTurn', () => {
  it('writes the lines of one turn together, in their order, at its end', async () => {
    const { stream, writes } = createHarness();
    stream.write('a\n');
    stream.write('b\n');
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual(['a\nb\n']);
    stream.write('c\n');
    await turn();
    expect(writes).toEqual(['a\nb\n', 'c\n']);
  });

  it('keeps no more back than its limit', () => {
    const { stream, writes } = createHarness();
    stream.write('x'.repeat(70_000));
    expect(writes).toHaveLength(1);
  });
});
