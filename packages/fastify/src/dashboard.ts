import { HeddleError } from '@heddle/core';
import { createDashboard, type DashboardOptions } from '@heddle/dashboard';
import type { Runtime } from '@heddle/worker-pool';
import type { FastifyInstance, FastifyPluginAsync, FastifySchema } from 'fastify';

/** What the plugin is registered with: a dashboard's options but for `basePath`, which is the `prefix` it is registered under. */
export interface DashboardPluginOptions extends Omit<DashboardOptions, 'basePath'> {
  /** @defaultValue the app's own, of {@link heddle} */
  readonly runtime?: Runtime;
}

/**
 * The dashboard as routes of a Fastify app, below the prefix that it is registered under. Closed with the app. Without a `token` it answers
 * this machine alone, and no proxy.
 *
 * @example
 * ```ts
 * await app.register(dashboard, { prefix: '/heddle', token: process.env.DASHBOARD_TOKEN })
 * ```
 */
export const dashboard: FastifyPluginAsync<DashboardPluginOptions> = async (app, given) => {
  const { runtime = runtimeOf(app), ...options } = withoutRouting(given);
  const page = createDashboard(runtime, { ...options, basePath: app.prefix.replace(/\/$/, '') });
  // It reads bodies itself, after it has seen who sends them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const url of ['/', '/*'])
    app.route({
      method: ['GET', 'HEAD', 'POST'],
      url,
      logLevel: 'silent',
      schema: HIDDEN,
      handler: async (request, reply) => {
        reply.hijack();
        await page.handler(request.raw, reply.raw);
      },
    });
  // Open pages would keep the server from closing.
  app.addHook('preClose', () => page.close());
  app.addHook('onClose', () => page.close());
};

/** `hide` is for OpenAPI; Fastify itself does not know it. */
const HIDDEN: FastifySchema & { readonly hide: true } = { hide: true };

function runtimeOf(app: FastifyInstance): Runtime {
  const { heddle } = app as { readonly heddle?: Runtime }; // as the plugin decorates it
  if (heddle === undefined)
    throw new HeddleError('config_error', 'The dashboard needs a `runtime`, or the `heddle` plugin registered on the app before it');
  return heddle;
}

/** Fastify puts these there itself. */
function withoutRouting(given: DashboardPluginOptions): DashboardPluginOptions {
  const { prefix, logLevel, logSerializers, ...rest } = given as DashboardPluginOptions & Record<string, unknown>;
  return rest;
}
