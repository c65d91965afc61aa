export { MatchIndex } from './match-index';
export { NEAR_MISS_REASONS, type NearMiss, type NearMissReason } from './near-misses';
export { createPartSharing } from './share-parts';
