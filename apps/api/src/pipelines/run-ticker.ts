import { isTickerPattern, type Pipeline, watchesTicker } from '@tripline/triggers';

import { denial } from './denial';

/**
 * The ticker of an execution that no signal starts: the requested ticker, else the pipeline's first.
 *
 * @throws TriplineError `VALIDATION_FAILED` when the pipeline does not watch it, or watches only patterns and none was requested
 */
export function runTickerOf({ tickers }: Pick<Pipeline, 'tickers'>, named: string | undefined): string {
  if (named !== undefined && !watchesTicker(tickers, named)) {
    throw denial('ticker', 'this pipeline does not watch the ticker');
  }
  const ticker = named ?? tickers.find((watched) => !isTickerPattern(watched));
  if (ticker === undefined) {
    throw denial('ticker', 'the pipeline watches only patterns: name the ticker to run on');
  }
  return ticker;
}
