import { KAFKA_ERROR_KINDS, kafkaErrorKind, MessagingError } from './errors';

const named = (name: string, extra: object = {}) => Object.assign(new Error('text'), { name, ...extra });

describe('kafkaErrorKind', () => {
  it.each([
    [named('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }), 'too_large'],
    [named('KafkaJSNumberOfRetriesExceeded', { cause: named('KafkaJSConnectionError') }), 'connection'],
    [named('KafkaJSRequestTimeoutError'), 'timeout'],
    [named('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }), 'unknown_topic'],
    [new MessagingError('authentication', 'no token'), 'authentication'],
    [named('SomethingNew'), 'other'],
    ['not an error', 'other'],
  ])('classifies %s as %s', (error, kind) => {
    expect(kafkaErrorKind(error)).toBe(kind);
    expect(KAFKA_ERROR_KINDS).toContain(kind);
  });

  it('terminates on a circular chain of causes', () => {
    const ring = named('A');
    ring.cause = ring;
    expect(kafkaErrorKind(ring)).toBe('other');
  });
});
