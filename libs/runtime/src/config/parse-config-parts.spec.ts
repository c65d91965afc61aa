import { z } from 'zod';

import { ConfigError } from './parse-config';
import { parseConfigParts } from './parse-config-parts';

const parts = {
  ports: z.object({ API_PORT: z.coerce.number().int() }).transform((env) => ({ api: env.API_PORT })),
  names: z.object({ NAME: z.string() }),
};

describe('parseConfigParts', () => {
  it('gives each part its own parsed object', () => {
    expect(parseConfigParts(parts, { API_PORT: '8000', NAME: 'x' })).toEqual({
      ports: { api: 8000 },
      names: { NAME: 'x' },
    });
  });

  it('lists the faults of every part at once', () => {
    try {
      parseConfigParts(parts, { API_PORT: 'many' });
      throw new Error('it did not throw');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).issues.map(({ variable }) => variable)).toEqual(['API_PORT', 'NAME']);
    }
  });
});
