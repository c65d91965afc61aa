import { createSimulationPlaces } from './simulation-places';

describe('simulation slots', () => {
  it('are limited per user and in total, and are freed when the work ends or fails', async () => {
    const places = createSimulationPlaces({ places: 2 });
    let release: () => void = () => undefined;
    const open = new Promise<void>((resolve) => (release = resolve));
    const first = places.take('a', () => open);
    const second = places.take('b', () => open.then(() => Promise.reject(new Error('failed'))));
    await expect(places.take('a', () => Promise.resolve())).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(places.take('c', () => Promise.resolve())).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    release();
    await first;
    await expect(second).rejects.toThrow('failed');
    await expect(places.take('a', () => Promise.resolve(7))).resolves.toBe(7);
  });
});
