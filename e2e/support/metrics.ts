/** The text exposition of a service. */
export async function scrape(metricsPort: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { accept: 'text/plain' } });
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  return response.text();
}

/** The value of each sample of a metric, keyed by its label set as written in the exposition (`{a="b"}` or empty). */
export async function readSamples(metricsPort: number, metric: string): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of (await scrape(metricsPort)).split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line) ?? [];
    if (name === metric) samples.set(labels, Number(value));
  }
  return samples;
}

/** Sum over all label sets. */
export async function readCounter(metricsPort: number, metric: string): Promise<number> {
  return [...(await readSamples(metricsPort, metric)).values()].reduce((sum, value) => sum + value, 0);
}
