import type { Action } from '@heddle/core';
import { createRuntime, type Runtime, type TaskArguments, type TaskOptions } from '@heddle/worker-pool';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { drainOnSignals } from './drain.ts';
import { type AppState, addHealth } from './health.ts';
import { httpErrorOf } from './http-error.ts';
import { type HeddlePluginOptions, parsePluginOptions } from './options.ts';
import { clientSignal } from './request-signal.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The app's runtime. */
    readonly heddle: Runtime;
  }
  interface FastifyRequest {
    /**
     * Runs an action for this request and answers its value: cancelled when the client goes, with the request's id in its context. Throws
     * an `HttpError` where `runtime.run` gives a failed outcome.
     */
    runAction<P, V>(action: Action<P, V>, ...rest: TaskArguments<P>): Promise<V>;
  }
}

/**
 * A runtime in the life of an app: it is there before the app listens, and closes after the last request has been answered.
 *
 * @example
 * ```ts
 * const app = fastify()
 * await app.register(heddle, { queue: { limit: 100 } })
 * app.route(actionRoute(resize, { method: 'POST', url: '/resize' }))
 * await app.listen({ port: 3000 })
 * ```
 */
export const heddle: FastifyPluginAsync<HeddlePluginOptions> = fastifyPlugin(
  async (app: FastifyInstance, given: HeddlePluginOptions): Promise<void> => {
    const options = parsePluginOptions(given);
    const runtime = options.runtime ?? createRuntime(options.runtimeOptions);
    const state: AppState = { runtime, open: false, draining: false };
    app.decorate('heddle', runtime);

    const replies = new WeakMap<FastifyRequest, FastifyReply>();
    app.addHook('onRequest', (request, reply, done) => {
      replies.set(request, reply);
      done();
    });
    app.decorateRequest('runAction', async function <
      P,
      V,
    >(this: FastifyRequest, action: Action<P, V>, ...rest: TaskArguments<P>): Promise<V> {
      const [params, context, taskOptions] = rest;
      const outcome = await run(runtime)(
        action,
        params,
        { ...options.context(this), ...context },
        withTenant(withSignal(taskOptions, replies.get(this)), options.tenant?.(this)),
      );
      if (outcome.ok) return outcome.value as V; // of that action
      throw httpErrorOf(outcome.error, () => options.retryAfterSeconds(runtime.stats()));
    });
    addHealth(app, options, state);

    app.addHook('onReady', async () => {
      await runtime.ready();
      state.open = true;
    });
    app.addHook('preClose', async () => {
      state.draining = true;
    });
    // An answered connection would be kept for the next request, and the server waits for it before it closes.
    app.addHook('onSend', async (request, reply) => {
      if (state.draining && request.raw.httpVersionMajor === 1) reply.header('connection', 'close');
    });
    const uninstall = options.drainMs === undefined ? undefined : drainOnSignals(app, options.drainMs);
    app.addHook('onClose', async () => {
      uninstall?.();
      if (options.runtime === undefined) await runtime.close();
    });
  },
  { name: '@heddle/fastify', fastify: '5.x' },
);

/** Its arguments depend on whether params may be left out, which cannot be known of a type parameter. */
function run(runtime: Runtime): (...args: unknown[]) => ReturnType<Runtime['run']> {
  return runtime.run.bind(runtime) as (...args: unknown[]) => ReturnType<Runtime['run']>;
}

function withTenant(options: TaskOptions, tenant: string | undefined): TaskOptions {
  return tenant === undefined || options.tenant !== undefined ? options : { ...options, tenant };
}

/** A request that ends takes its task with it; so does a signal of the caller's own. */
function withSignal(options: TaskOptions | undefined, reply: FastifyReply | undefined): TaskOptions {
  const signals = [options?.signal, reply === undefined ? undefined : clientSignal(reply.raw)].filter((signal) => signal !== undefined);
  const [signal, ...others] = signals;
  if (signal === undefined) return { ...options };
  return { ...options, signal: others.length === 0 ? signal : AbortSignal.any(signals) };
}
