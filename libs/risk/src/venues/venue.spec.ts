import { isPaperVenue } from './venue';

describe('isPaperVenue', () => {
  it.each([
    ['paper', true],
    ['paper-team_a', true],
    ['paper-', false],
    ['papers', false],
    ['alpha', false],
    ['my-paper', false],
  ])('says of %s: %s', (venue, expected) => {
    expect(isPaperVenue(venue)).toBe(expected);
  });
});
