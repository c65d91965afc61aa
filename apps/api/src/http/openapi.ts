import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

import type { ApiApp } from './api-app';

/** Groups of the documentation, in the order a newcomer needs them. */
export const API_TAGS = [
  { name: 'auth', description: 'Log in and get the current user.' },
  { name: 'scanners', description: 'Reusable sets of tickers.' },
  {
    name: 'pipelines',
    description: 'What triggers an execution and how its agents act. Every change creates a new version.',
  },
  { name: 'webhooks', description: 'Start a pipeline from another system. Each webhook has its own secret.' },
  { name: 'decisions', description: 'Why a pipeline did or did not trigger.' },
  { name: 'simulation', description: 'Decide recorded signals against a pipeline, without effects.' },
  { name: 'executions', description: 'Pipeline executions with their steps, orders and fills.' },
  { name: 'orders', description: 'Orders of your pipelines.' },
  { name: 'positions', description: 'Positions with profit and loss.' },
  { name: 'signals', description: 'Read market signals and publish your own.' },
  { name: 'halts', description: 'The kill switch: stop trading at five levels.' },
  { name: 'users', description: 'Accounts; administrators only.' },
  { name: 'quotas', description: 'How many executions a user may start, and how many they have started.' },
  { name: 'health', description: 'System health.' },
] as const;

/** Serves the OpenAPI document at /docs/json and an interactive page at /docs. Loads nothing from other hosts. */
export async function registerOpenApi(app: ApiApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tripline API',
        version,
        description:
          'Starts trading pipelines on market signals and records the reason for every decision. Log in at `POST /api/auth/login`, ' +
          'then send the token as `Authorization: Bearer …`. Lists are paged: pass the `next_cursor` of one page as the `cursor` ' +
          'of the next request.',
      },
      tags: [...API_TAGS],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          webhookSecret: { type: 'http', scheme: 'bearer', description: "The webhook's secret." },
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
      // Over plain HTTP this directive would make the browser request every file over HTTPS.
      transformStaticCSP: (header) =>
        header.replace('upgrade-insecure-requests;', '').replace(' validator.swagger.io', ''),
      uiConfig: { displayRequestDuration: true, validatorUrl: null },
    });
  });
}

/** The transform writes every schema twice, as input and as output. Removes the unreferenced ones. */
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
