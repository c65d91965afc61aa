import { createPasswords } from './passwords';

describe('createPasswords', () => {
  const passwords = createPasswords();

  it('verifies only the password that it hashed', async () => {
    const stored = await passwords.hash('a password of its own');
    expect(await passwords.verify(stored, 'a password of its own')).toBe(true);
    expect(await passwords.verify(stored, 'another password')).toBe(false);
    expect(await passwords.verify(undefined, 'a password of its own')).toBe(false);
  });

  it('denies every password for an account that an earlier version created with a published password', async () => {
    const stored = await passwords.hash('tripline-dev-admin');
    expect(await passwords.verify(stored, 'tripline-dev-admin')).toBe(false);
  });
});
