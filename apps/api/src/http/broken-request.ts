import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';

import { TriplineError } from '@tripline/contracts';

import { errorEnvelope } from './error-envelope';

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers malformed or too slow requests on the raw socket and closes it. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const denial = new TriplineError('MALFORMED_REQUEST', 'This is not a complete HTTP request.');
  const body = JSON.stringify(errorEnvelope(denial, randomUUID()));
  const head = [
    `HTTP/1.1 ${STATUS_LINES[error.code ?? ''] ?? '400 Bad Request'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
