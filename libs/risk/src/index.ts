export {
  deniesEverything,
  type Halt,
  HALT_LEVELS,
  HALT_MODES,
  type HaltLevel,
  type HaltMode,
  haltOn,
  haltReason,
  type HaltSubject,
} from './halts/halt';
export { isPaperVenue, PAPER_VENUE, PAPER_VENUE_PATTERN } from './venues/venue';
