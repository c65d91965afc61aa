import type { ScannerRepository } from '@tripline/pipeline-store';
import { z } from 'zod';

import { viewerOf } from '../auth/caller';
import type { ApiApp } from '../http/api-app';
import { errorResponses } from '../http/error-schemas';
import { found } from '../http/found';
import { idParamsSchema } from '../http/schemas';
import { ifMatchHeaders } from '../pipelines/pipeline-schemas';
import { scannerBody, scannerPatchBody, scannerResource, scannerSchema } from './scanner-schemas';

export interface ScannerRoutesOptions {
  scanners: ScannerRepository;
}

const tags = ['scanners'];
const READ_ERRORS = ['VALIDATION_FAILED', 'UNAUTHENTICATED', 'NOT_FOUND'] as const;

/** The caller's scanners: reusable sets of tickers. */
export function registerScannerRoutes(app: ApiApp, options: ScannerRoutesOptions): void {
  registerCreate(app, options);
  registerRead(app, options);
  registerChange(app, options);
  registerDelete(app, options);
}

function registerCreate(app: ApiApp, { scanners }: ScannerRoutesOptions): void {
  app.route({
    method: 'POST',
    url: '/api/scanners',
    schema: {
      tags,
      summary: 'Create a scanner',
      body: scannerBody,
      response: {
        201: scannerSchema,
        ...errorResponses('VALIDATION_FAILED', 'UNAUTHENTICATED', 'CONFLICT', 'LIMIT_REACHED', 'PAYLOAD_TOO_LARGE'),
      },
    },
    handler: async (request, reply) => {
      const record = await scanners.create(viewerOf(request), request.body);
      return reply.code(201).header('location', `/api/scanners/${record.id}`).send(scannerResource(record));
    },
  });
}

function registerRead(app: ApiApp, { scanners }: ScannerRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/api/scanners',
    schema: {
      tags,
      summary: 'List your scanners',
      response: { 200: z.object({ items: z.array(scannerSchema) }), ...errorResponses('UNAUTHENTICATED') },
    },
    handler: async (request) => ({ items: (await scanners.list(viewerOf(request))).map(scannerResource) }),
  });
  app.route({
    method: 'GET',
    url: '/api/scanners/:id',
    schema: {
      tags,
      summary: 'Get a scanner',
      params: idParamsSchema,
      response: { 200: scannerSchema, ...errorResponses(...READ_ERRORS) },
    },
    handler: async (request) =>
      scannerResource(found(await scanners.find(viewerOf(request), request.params.id), 'scanner')),
  });
}

function registerChange(app: ApiApp, { scanners }: ScannerRoutesOptions): void {
  app.route({
    method: 'PATCH',
    url: '/api/scanners/:id',
    schema: {
      tags,
      summary: 'Change a scanner',
      description: 'Every pipeline that uses it gets a new version with the new tickers in the same transaction.',
      params: idParamsSchema,
      headers: ifMatchHeaders,
      body: scannerPatchBody,
      response: { 200: scannerSchema, ...errorResponses(...READ_ERRORS, 'CONFLICT', 'PAYLOAD_TOO_LARGE') },
    },
    handler: async (request) => {
      const viewer = viewerOf(request);
      const current = found(await scanners.find(viewer, request.params.id), 'scanner');
      const input = { name: request.body.name ?? current.name, tickers: request.body.tickers ?? current.tickers };
      const expected = request.headers['if-match'] ?? current.version;
      return scannerResource(found(await scanners.update(viewer, current.id, input, expected), 'scanner'));
    },
  });
}

function registerDelete(app: ApiApp, { scanners }: ScannerRoutesOptions): void {
  app.route({
    method: 'DELETE',
    url: '/api/scanners/:id',
    schema: {
      tags,
      summary: 'Delete a scanner',
      description: 'Fails with `CONFLICT` while a pipeline uses it.',
      params: idParamsSchema,
      response: { 204: z.undefined(), ...errorResponses(...READ_ERRORS, 'CONFLICT') },
    },
    handler: async (request, reply) => {
      found((await scanners.remove(viewerOf(request), request.params.id)) || null, 'scanner');
      return reply.code(204).send();
    },
  });
}
