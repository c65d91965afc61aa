import { isTickerPattern, type Pipeline, watchesTicker } from '@tripline/triggers';

import { denial } from './denial';

/**
 * The ticker of a run that no signal starts: the one that was named, else the pipeline's first.
 *
 * @throws TriplineError `VALIDATION_FAILED` when the pipeline does not watch it, or watches patterns only and none was named
 */
export function runTickerOf({ tickers }: Pick<Pipeline, 'tickers'>, named: string | undefined): string {
  if (named !== undefined && !watchesTicker(tickers, named)) {
    throw denial('ticker', 'not a ticker of this pipeline');
  }
  const ticker = named ?? tickers.find((watched) => !isTickerPattern(watched));
  if (ticker === undefined) {
    throw denial('ticker', 'the pipeline watches patterns only: say which ticker to run on');
  }
  return ticker;
}
