import type { Pipeline } from '../pipelines/pipeline';
import type { Signal } from '../signals/signal';
import type { Match, NearMiss } from './match';

export class MatchIndex {
  readonly size: number = 0;
  static build(_pipelines: Iterable<Pipeline>): MatchIndex {
    throw new Error('in flux');
  }
  match(_signal: Signal): readonly Match[] {
    throw new Error('in flux');
  }
  nearMisses(_signal: Signal, _limit: number): readonly NearMiss[] {
    throw new Error('in flux');
  }
}
