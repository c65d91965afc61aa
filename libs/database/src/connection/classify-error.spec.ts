import { classifyError } from './classify-error';
import { ConcurrentChangeError } from './errors';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('classifying a database error', () => {
  it.each([
    ['08006', 'connection', true],
    ['57P01', 'shutdown', true],
    ['40001', 'serialization', true],
    ['40P01', 'deadlock', true],
    ['55P03', 'timeout', true],
    ['57014', 'timeout', true],
    ['53300', 'resources', true],
    ['23505', 'constraint', false],
    ['42601', 'query', false],
    ['ECONNREFUSED', 'connection', true],
    ['EPIPE', 'connection', true],
  ])('%s is %s', (code, type, retryable) => {
    expect(classifyError(withCode(code))).toMatchObject({ type, retryable });
  });

  it('does not decide by message text', () => {
    expect(classifyError(new Error('Query read timeout'))).toMatchObject({ type: 'query', retryable: false });
  });

  it.each([
    [{ code: 'P1017', message: 'Server has closed the connection.' }, 'connection'],
    [{ errorCode: 'P1001', message: "Can't reach database server" }, 'connection'],
    [{ code: 'P2024', message: 'Timed out fetching a new connection' }, 'pool_exhausted'],
    [{ message: 'x', cause: { kind: 'ConnectionClosed' } }, 'connection'],
  ])('classifies the errors that Prisma reports for an unreachable database: %j', (error, type) => {
    expect(classifyError(error)).toMatchObject({ type, retryable: true });
  });

  it('repeats a transaction after a write conflict, and no unknown error', () => {
    expect(classifyError(new ConcurrentChangeError('x'))).toMatchObject({ retryable: true });
    expect(classifyError(new Error('anything'))).toMatchObject({ type: 'query', retryable: false });
    expect(classifyError(undefined)).toMatchObject({ type: 'query', retryable: false });
  });

  it('names the violated constraint', () => {
    const error = Object.assign(withCode('23505'), { constraint: 'users_email_key' });
    expect(classifyError(error)).toMatchObject({ sqlState: '23505', constraint: 'users_email_key' });
  });
});
