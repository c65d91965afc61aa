import { withWireNames } from './wire-names';

describe('withWireNames', () => {
  it('renames keys at every depth and leaves values alone', () => {
    expect(withWireNames({ stopPrice: '1', list: [{ lastBarEnd: 2, ok: 'camelCase stays' }], none: null })).toEqual({
      stop_price: '1',
      list: [{ last_bar_end: 2, ok: 'camelCase stays' }],
      none: null,
    });
  });
});
