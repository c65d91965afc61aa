import { createPasswords } from './passwords';

describe('createPasswords', () => {
  const passwords = createPasswords();

  it('verifies what it hashed, and nothing else', async () => {
    const stored = await passwords.hash('a password of its own');
    expect(await passwords.verify(stored, 'a password of its own')).toBe(true);
    expect(await passwords.verify(stored, 'another password')).toBe(false);
    expect(await passwords.verify(undefined, 'a password of its own')).toBe(false);
  });

  it('keeps an account closed that an earlier version made with a published password', async () => {
    const stored = await passwords.hash('tripline-dev-admin');
    expect(await passwords.verify(stored, 'tripline-dev-admin')).toBe(false);
  });
});
