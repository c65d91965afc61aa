import { replyCodeOf } from './reply-code';

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });

describe('replyCodeOf', () => {
  it('reads the code of an error reply, but not of another error with the same text', () => {
    expect(replyCodeOf(reply("READONLY You can't write against a read only replica."))).toBe('READONLY');
    expect(replyCodeOf(reply('NOSCRIPT No matching script.'))).toBe('NOSCRIPT');
    expect(replyCodeOf(reply('no code'))).toBeNull();
    expect(replyCodeOf(new Error('READONLY not a reply'))).toBeNull();
    expect(replyCodeOf('READONLY text')).toBeNull();
  });
});
