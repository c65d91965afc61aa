export type ExpositionFormat = 'openmetrics' | 'text';

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

interface Offer {
  readonly format: ExpositionFormat;
  readonly type: string;
  readonly versions: readonly string[];
}

/** Best first: decides between equal qualities, except that a bare wildcard asks for nothing special and gets text. */
const OFFERS: readonly Offer[] = [
  { format: 'openmetrics', type: 'application/openmetrics-text', versions: ['1.0.0', '0.0.1'] },
  { format: 'text', type: 'text/plain', versions: ['0.0.4', '1.0.0'] },
];

/**
 * Chooses the format by RFC 9110: the most specific matching range gives each offer its quality, the highest wins,
 * `q=0` excludes. Without a usable range: text, which every scraper reads.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  if (accept === undefined || accept.trim() === '') return 'text';
  const ranges = accept.split(',').map(parseRange);
  let best: { format: ExpositionFormat; quality: number; isExact: boolean } | undefined;
  for (const offer of OFFERS) {
    const match = bestMatch(offer, ranges);
    if (match === undefined || match.quality <= 0) continue;
    const candidate = { format: offer.format, quality: match.quality, isExact: match.specificity > 1 };
    const isBetter =
      best === undefined ||
      candidate.quality > best.quality ||
      (candidate.quality === best.quality && (candidate.isExact ? !best.isExact : !best.isExact));
    if (isBetter) best = candidate;
  }
  return best?.format ?? 'text';
}

function bestMatch(offer: Offer, ranges: readonly MediaRange[]): { quality: number; specificity: number } | undefined {
  let best: { quality: number; specificity: number } | undefined;
  for (const range of ranges) {
    const specificity = specificityOf(offer, range);
    if (specificity === undefined) continue;
    const isBetter =
      best === undefined ||
      specificity > best.specificity ||
      (specificity === best.specificity && range.quality > best.quality);
    if (isBetter) best = { quality: range.quality, specificity };
  }
  return best;
}

/** 0 for any type, 1 for any subtype, 2 for the type, 3 for type and version; undefined when it does not match. */
function specificityOf(offer: Offer, range: MediaRange): number | undefined {
  if (range.type === '*/*') return 0;
  if (range.type === `${offer.type.split('/')[0]}/*`) return 1;
  if (range.type !== offer.type) return undefined;
  const version = range.parameters.get('version');
  if (version === undefined) return 2;
  return offer.versions.includes(version) ? 3 : undefined;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const [name = '', value = ''] = part.split('=').map((piece) => piece.trim());
    parameters.set(name.toLowerCase(), value.replaceAll('"', ''));
  }
  return { type: type.toLowerCase(), parameters, quality: parseQuality(parameters.get('q')) };
}

function parseQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  const quality = Number(text);
  return Number.isFinite(quality) && quality >= 0 && quality <= 1 ? quality : 0;
}
