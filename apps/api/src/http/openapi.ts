import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

import type { ApiApp } from './api-app';

/** Groups of the documentation, in the order a newcomer needs them. */
export const API_TAGS = [
  { name: 'auth', description: 'Log in and see who you are.' },
  { name: 'scanners', description: 'Reusable sets of tickers.' },
  { name: 'pipelines', description: 'What runs when which signal comes; every change makes a new version.' },
  { name: 'webhooks', description: 'Start pipelines from outside, with a secret of their own.' },
  { name: 'decisions', description: 'Why a pipeline did or did not run.' },
  { name: 'simulation', description: 'What a pipeline would have done with recorded signals, without effects.' },
  { name: 'executions', description: 'Runs of pipelines with their steps, orders and fills.' },
  { name: 'orders', description: 'Orders of your pipelines.' },
  { name: 'positions', description: 'Positions with profit and loss.' },
  { name: 'signals', description: 'Market signals: read them, publish your own.' },
  { name: 'halts', description: 'The kill switch: stop trading at five levels.' },
  { name: 'users', description: 'Accounts; administrators only.' },
  { name: 'quotas', description: 'What a user may start, and what of it is used.' },
  { name: 'health', description: 'Is the system well.' },
] as const;

/** Serves the OpenAPI document at /docs/json and a page to try it at /docs; nothing is loaded from elsewhere. */
export async function registerOpenApi(app: ApiApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tripline API',
        version,
        description:
          'Market signals in, accounted-for trading-pipeline runs out. Log in at `POST /api/auth/login`, then send the ' +
          'token as `Authorization: Bearer …`. Lists are paged: pass `next_cursor` of one page as `cursor` of the next.',
      },
      tags: [...API_TAGS],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          webhookSecret: { type: 'http', scheme: 'bearer', description: 'The secret of the webhook.' },
          webhookSignature: { type: 'apiKey', in: 'header', name: 'x-tripline-signature' },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnusedSchemas(jsonSchemaTransformObject(document)),
  });
  app.get('/', { schema: { hide: true }, config: { access: 'public' } }, (_request, reply) => reply.redirect('/docs'));
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      // Over plain http this directive would make the browser ask for every file by https.
      transformStaticCSP: (header) =>
        header.replace('upgrade-insecure-requests;', '').replace(' validator.swagger.io', ''),
      uiConfig: { displayRequestDuration: true, validatorUrl: null },
    });
  });
}

/** The transform writes every schema twice, once as input and once as output; what nothing refers to is left out. */
function withoutUnusedSchemas<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } };
  const all = components?.schemas ?? {};
  const used = new Set<string>();
  const collect = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (!used.has(name) && name in all) {
        used.add(name);
        collect(all[name]);
      }
    }
  };
  collect(rest);
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { ...document, components: { ...components, schemas } };
}
