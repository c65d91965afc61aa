import { TriplineError } from '@tripline/contracts';
import type { WebhookRecord, WebhookRepository } from '@tripline/pipeline-store';
import type { Logger } from '@tripline/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { WebhookSecrets } from './webhook-secrets';

export interface HookAuthenticationOptions {
  readonly webhooks: Pick<WebhookRepository, 'findForCall'>;
  readonly secrets: WebhookSecrets;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The webhook that was called, set after authentication; null on other routes. */
    hook: WebhookRecord | null;
    /** Whether the call was signed, which protects it against changes and replays in transit. */
    isSignedHook: boolean;
    rawBody: Buffer;
    /** Set when the body is not JSON. Reported only to callers whose signature is valid. */
    bodyError: Error | null;
  }
}

const BEARER = /^Bearer +(\S{1,200})$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SECONDS = /^\d{1,12}$/;
/** How far a signing caller's clock may be off. An intercepted call could be replayed for this long. */
const SIGNATURE_WINDOW_MS = 5 * 60_000;
const NOTHING = Buffer.alloc(0);

/**
 * Authenticates webhook calls: a bearer secret before the body is read, a signature afterwards. A wrong secret, a pipeline
 * without a webhook and an unknown pipeline get the same answer.
 */
export function registerHookAuthentication(scope: FastifyInstance, options: HookAuthenticationOptions): void {
  scope.decorateRequest('hook', null);
  scope.decorateRequest('isSignedHook', false);
  scope.decorateRequest('bodyError', null);
  scope.decorateRequest('rawBody');
  keepRawBody(scope);
  scope.addHook('preParsing', async (request, reply) => {
    request.rawBody = NOTHING;
    if (isSigned(request)) return;
    const secret = BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const found = await findWebhook(request, options);
    if (!options.secrets.matches(secret, found)) throw refuse(reply);
    request.hook = found;
  });
  scope.addHook('preValidation', async (request, reply) => {
    if (isSigned(request)) {
      request.hook = await verifySignature(request, options);
      request.isSignedHook = true;
      if (request.hook === null) throw refuse(reply);
    }
    if (request.bodyError !== null) throw request.bodyError;
  });
}

function keepRawBody(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.rawBody = body as Buffer;
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    void parseJson(request, body.toString(), (error, value) => {
      request.bodyError = error;
      done(null, value);
    });
  });
}

function isSigned(request: FastifyRequest): boolean {
  return request.headers['x-tripline-signature'] !== undefined;
}

async function verifySignature(
  request: FastifyRequest,
  { secrets, logger, now, ...options }: HookAuthenticationOptions,
): Promise<WebhookRecord | null> {
  const signature = String(request.headers['x-tripline-signature']);
  const timestamp = String(request.headers['x-tripline-timestamp']);
  const found = await findWebhook(request, options);
  const call = { signature, timestamp, body: request.rawBody };
  const verdict = secrets.verify(call, found?.pipelineId ?? '', found);
  const ids = { pipeline_id: found?.pipelineId, request_id: request.id };
  if (verdict === 'key_changed') {
    logger.warn(
      { event: 'webhook_key_changed', ...ids },
      'signature denied: WEBHOOK_KEY has changed and the webhook needs a new secret',
    );
  }
  if (verdict === 'valid_previous') {
    logger.info(
      { event: 'webhook_key_previous', ...ids },
      "the webhook's secret was created with the previous WEBHOOK_KEY",
    );
  }
  const isInTime = SECONDS.test(timestamp) && Math.abs(now() - Number(timestamp) * 1000) <= SIGNATURE_WINDOW_MS;
  return (verdict === 'valid' || verdict === 'valid_previous') && isInTime ? found : null;
}

async function findWebhook(
  request: FastifyRequest,
  { webhooks }: Pick<HookAuthenticationOptions, 'webhooks'>,
): Promise<WebhookRecord | null> {
  const { id = '' } = request.params as { id?: string };
  return UUID.test(id) ? webhooks.findForCall(id) : null;
}

function refuse(reply: FastifyReply): TriplineError {
  void reply.header('www-authenticate', 'Bearer realm="tripline webhook"');
  return new TriplineError('WEBHOOK_REFUSED', 'Wrong webhook secret or signature.');
}
