import { createLatencyRecorder } from './latencies';

describe('the latency recorder', () => {
  it('reports percentiles to three digits', () => {
    const recorder = createLatencyRecorder();
    for (let ms = 1; ms <= 1_000; ms += 1) recorder.record(ms);
    const { count, p50, p95, p99, max } = recorder.summary();
    expect(count).toBe(1_000);
    expect(p50 / 500).toBeCloseTo(1, 2);
    expect(p95 / 950).toBeCloseTo(1, 2);
    expect(p99 / 990).toBeCloseTo(1, 2);
    expect(max / 1_000).toBeCloseTo(1, 2);
  });

  it('clamps values outside its range', () => {
    const recorder = createLatencyRecorder();
    recorder.record(-0.01);
    recorder.record(10 * 60_000_000);
    expect(recorder.at(1)).toBeCloseTo(0.001);
    expect(recorder.at(100) / 600_000).toBeCloseTo(1, 2);
  });
});
