/** Differences below this share of their scale are float noise and count as 0. */
const EQUALITY_TOLERANCE = 1e-12;

/**
 * Detects when a difference changes sign: `up` when the previous difference was <= 0 and this one is > 0, `down` when
 * it was >= 0 and this one is < 0. A series that starts on one side has not crossed. One that touches 0 crosses only
 * when it leaves 0.
 */
export class Crossing {
  private previous: number | null = null;

  /** `scale` is the size of the numbers whose difference this is, e.g. a price. */
  update(difference: number, scale: number): 'up' | 'down' | null {
    const current = Math.abs(difference) <= EQUALITY_TOLERANCE * Math.abs(scale) ? 0 : difference;
    const previous = this.previous;
    this.previous = current;
    if (previous === null) return null;
    if (previous <= 0 && current > 0) return 'up';
    if (previous >= 0 && current < 0) return 'down';
    return null;
  }
}

/**
 * Detects when a value leaves a band, once per excursion: it fires on the first bar outside after a bar inside, and is
 * re-armed by the next bar inside. A jump from one side straight to the other also fires. Unless `armed`, a first value
 * outside without an earlier one inside is not a crossing.
 */
export class Excursion {
  private side: 'inside' | 'above' | 'below' | null;

  constructor(armed = false) {
    this.side = armed ? 'inside' : null;
  }

  update(side: 'inside' | 'above' | 'below'): 'above' | 'below' | null {
    const previous = this.side;
    this.side = side;
    if (previous === null || side === 'inside' || side === previous) return null;
    return side;
  }
}
