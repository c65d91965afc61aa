/** Differences closer to 0 than this share of their scale are float noise, hence equality. */
const EQUALITY_TOLERANCE = 1e-12;

/**
 * Tells when a difference changes sign. `up` when the previous difference was <= 0 and this one is > 0, `down` when it
 * was >= 0 and this one is < 0: a series that starts on one side has not crossed, one that touches 0 crosses when it
 * leaves 0 and only then.
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
 * Tells when a value leaves a band, once per excursion: it speaks on the first bar outside after a bar inside, and is
 * armed again by the next bar inside. A jump from one side straight to the other speaks too. Unless `armed`, the
 * first value outside without an earlier one inside is no crossing.
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
