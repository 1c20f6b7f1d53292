import { createRuntime } from '@heddle/worker-pool';
import fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { actionRoute, type HeddlePluginOptions, heddle } from '../src/index.ts';
import { dated, double, fails, naps, nothing, spins, waits } from './fixtures/actions.ts';

const apps: FastifyInstance[] = [];
const ONE_THREAD = { threads: { min: 1, max: 1 }, graceMs: 50, drainMs: false } as const;
/** Where a task is to hear that it is cancelled, however busy the machine. */
const PATIENT = { ...ONE_THREAD, graceMs: 20_000 } as const;

type AppOptions = HeddlePluginOptions & { readonly app?: FastifyServerOptions };

const openApp = async (given: AppOptions = ONE_THREAD, routes: (app: FastifyInstance) => void = () => {}): Promise<FastifyInstance> => {
  const { app: appOptions = {}, ...options } = given;
  const app = fastify(appOptions);
  apps.push(app);
  await app.register(heddle, options);
  routes(app);
  await app.ready();
  return app;
};

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Shared with actions that count what happens to them: begun, told to stop. */
const counters = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));
const listen = (app: FastifyInstance): Promise<string> => app.listen({ port: 0, host: '127.0.0.1' });

describe('a route of an action', () => {
  it('takes its params from the body and answers with the value', async () => {
    const app = await openApp(ONE_THREAD, (app) => app.route(actionRoute(double, { url: '/double' })));
    const response = await app.inject({ method: 'POST', url: '/double', payload: { n: 21 }, headers: { 'request-id': 'r' } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ n: 42, label: 'none', requestId: expect.stringMatching(/^req-/) });
  });

  it('takes its params from the path over the query, as numbers where the schema says so', async () => {
    const app = await openApp(ONE_THREAD, (app) => app.route(actionRoute(double, { method: 'GET', url: '/double/:n' })));
    const response = await app.inject('/double/4?label=four&n=9');
    expect(response.json()).toMatchObject({ n: 8, label: 'four' });
  });

  it('takes params, context and options of its own', async () => {
    const app = await openApp(ONE_THREAD, (app) =>
      app.route(
        actionRoute(double, {
          method: 'GET',
          url: '/own',
          params: (request) => ({ n: Number((request.query as { x: string }).x), label: 'own' }),
          context: () => ({ requestId: 'mine' }),
          options: { timeoutMs: 10_000 },
        }),
      ),
    );
    expect((await app.inject('/own?x=5')).json()).toEqual({ n: 10, label: 'own', requestId: 'mine' });
  });

  it('answers 204 where there is no value', async () => {
    const app = await openApp(ONE_THREAD, (app) => app.route(actionRoute(nothing, { url: '/nothing' })));
    const response = await app.inject({ method: 'POST', url: '/nothing' });
    expect([response.statusCode, response.body]).toEqual([204, '']);
  });

  it('refuses params that do not fit, before and in the runtime', async () => {
    const app = await openApp(ONE_THREAD, (app) => {
      app.route(actionRoute(double, { url: '/double' }));
      // What Fastify has nothing against, the runtime has.
      app.route(actionRoute(double, { url: '/own', params: () => ({ n: 1.5, label: '' }) }));
    });
    const early = await app.inject({ method: 'POST', url: '/double', payload: { n: 'many' } });
    expect([early.statusCode, early.json().message]).toEqual([400, 'body/n must be integer']);
    const late = await app.inject({ method: 'POST', url: '/own', payload: {} });
    expect(late.statusCode).toBe(400);
    expect(late.json()).toMatchObject({ code: 'ERR_HEDDLE_VALIDATION_ERROR', message: expect.stringContaining('`/n` expected integer') });
  });

  it('is refused for an action that JSON cannot ask for', () => {
    expect(() => actionRoute(dated, { url: '/dated' })).toThrow(
      'Action dated cannot be asked for over HTTP as it is: `/day` is of type Date, which JSON does not have. ' +
        'Give its route `params`, a function that makes them of the request',
    );
    expect(() => actionRoute(dated, { url: '/dated', params: () => ({ day: new Date(0) }) })).not.toThrow();
    expect(() => actionRoute(waits.toJSON() as never, { url: '/x' })).toThrow('takes what `defineAction` returned');
  });

  it('gives OpenAPI what it takes and what it answers', async () => {
    const app = fastify();
    apps.push(app);
    await app.register((await import('@fastify/swagger')).default, { openapi: { info: { title: 'numbers', version: '1' } } });
    await app.register(heddle, ONE_THREAD);
    app.route(actionRoute(double, { method: 'PUT', url: '/double/:n', schema: { tags: ['numbers'] } }));
    await app.ready();
    const { paths } = app.swagger() as { paths: Record<string, Record<string, unknown>> };
    expect(Object.keys(paths)).toEqual(['/double/{n}']);
    expect(paths['/double/{n}']?.['put']).toMatchObject({
      operationId: 'double',
      description: 'Doubles a number.',
      tags: ['numbers'],
      parameters: [{ in: 'path', name: 'n', required: true, schema: { type: 'integer' } }],
      requestBody: {
        content: { 'application/json': { schema: { type: 'object', properties: { label: { type: 'string', default: 'none' } } } } },
      },
      responses: { '200': { content: { 'application/json': { schema: { properties: { n: { type: 'integer' } } } } } }, '5XX': {} },
    });
  });
});

describe('a failed task', () => {
  it('is a 500 where the action threw, a 504 where it took too long', async () => {
    const app = await openApp(ONE_THREAD, (app) => {
      app.route(actionRoute(fails, { url: '/fails', options: { maxRetries: 0 } }));
      app.route(actionRoute(spins, { url: '/spins', options: { timeoutMs: 20, maxRetries: 0 } }));
    });
    const failed = await app.inject({ method: 'POST', url: '/fails' });
    expect([failed.statusCode, failed.json()]).toEqual([
      500,
      expect.objectContaining({ code: 'ERR_HEDDLE_EXECUTION_ERROR', message: expect.stringContaining('no such luck') }),
    ]);
    const late = await app.inject({ method: 'POST', url: '/spins' });
    expect([late.statusCode, late.json().code]).toEqual([504, 'ERR_HEDDLE_TIMEOUT']);
    expect((await app.inject({ method: 'POST', url: '/fails' })).statusCode).toBe(500);
  });

  it('is a 503 that says when to come back, where the queue is full', async () => {
    const state = counters();
    const retryAfterSeconds = vi.fn(() => 6.5);
    const app = await openApp({ ...ONE_THREAD, queue: { limit: 1 }, retryAfterSeconds }, (app) =>
      app.route(actionRoute(nothing, { url: '/nothing' })),
    );
    const running = app.heddle.start(waits, { state });
    await expect.poll(() => Atomics.load(state, 0)).toBe(1);
    const waiting = app.inject({ method: 'POST', url: '/nothing' });
    await expect.poll(() => app.heddle.stats().queued).toBe(1);
    const refused = await app.inject({ method: 'POST', url: '/nothing' });
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().code]).toEqual([503, '7', 'ERR_HEDDLE_OVERLOADED']);
    expect(retryAfterSeconds).toHaveBeenCalledWith(expect.objectContaining({ queued: 1 }));
    await running.cancel();
    expect((await waiting).statusCode).toBe(204);
  });

  it('R-14 is a 429 that says when to come back, where a limit of its tenant is full', async () => {
    const tenants = { ratePerSecond: 0.001, burst: 1, perKey: { busy: { queueLimit: 0, concurrency: 1, ratePerSecond: 1e6 } } };
    const tenant = (request: FastifyRequest): string | undefined => (request.query as { readonly of?: string }).of;
    const state = counters();
    const app = await openApp({ ...ONE_THREAD, tenants, tenant, retryAfterSeconds: 3 }, (app) => {
      app.route(actionRoute(nothing, { url: '/nothing' }));
      app.route(actionRoute(nothing, { url: '/own', options: { tenant: 'its own' } }));
      app.post('/wait', (request) => request.runAction(waits, { state }));
    });
    const ask = (url: string) => app.inject({ method: 'POST', url });
    const statuses: unknown[] = [];
    for (const url of [
      '/nothing?of=acme',
      '/nothing?of=acme',
      '/nothing?of=globex',
      '/nothing',
      '/nothing',
      '/own?of=acme',
      '/own?of=initech',
    ])
      statuses.push((await ask(url)).statusCode);
    expect(statuses).toEqual([204, 429, 204, 204, 204, 204, 429]);
    const tooSoon = await ask('/nothing?of=acme');
    expect(Number(tooSoon.headers['retry-after'])).toBeGreaterThan(100);
    expect(tooSoon.json()).toMatchObject({ code: 'ERR_HEDDLE_OVERLOADED', message: expect.stringContaining('Tenant acme has started') });
    const running = app.heddle.start(waits, { state }, {}, { tenant: 'busy' });
    await expect.poll(() => Atomics.load(state, 0)).toBe(1);
    const full = await ask('/nothing?of=busy');
    expect([full.statusCode, full.headers['retry-after']]).toEqual([429, '3']);
    await running.cancel();
  });

  it('is cancelled when the client goes, and leaves the lane to others', async () => {
    const state = counters();
    const app = await openApp(PATIENT, (app) => {
      app.post('/wait', (request) => request.runAction(waits, { state }));
      app.route(actionRoute(nothing, { url: '/nothing' }));
    });
    const url = await listen(app);
    const client = new AbortController();
    const answer = fetch(`${url}/wait`, {
      method: 'POST',
      body: JSON.stringify({ some: 'body' }),
      headers: { 'content-type': 'application/json' },
      signal: client.signal,
    });
    await expect.poll(() => Atomics.load(state, 0)).toBe(1);
    client.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => Atomics.load(state, 1)).toBe(1);
    await expect.poll(() => app.heddle.stats().cancelled).toBe(1);
    expect((await fetch(`${url}/nothing`, { method: 'POST' })).status).toBe(204);
  });

  it('ends with a signal of the caller’s own, too', async () => {
    const app = await openApp(ONE_THREAD, (app) =>
      app.get('/', (request) => request.runAction(double, { n: 1 }, {}, { signal: AbortSignal.abort('enough') })),
    );
    expect((await app.inject('/')).json()).toMatchObject({ statusCode: 499, code: 'ERR_HEDDLE_CANCELLED' });
  });
});

describe('the runtime of an app', () => {
  it('says that it is alive, and ready when its lanes are open', async () => {
    const app = await openApp({ ...ONE_THREAD, health: { readyWhen: ({ queued }) => queued === 0 } });
    expect((await app.inject('/health')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/ready');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready', queued: 0, running: 0, lanes: 1 }]);
    const state = counters();
    const running = app.heddle.start(waits, { state });
    await expect.poll(() => Atomics.load(state, 0)).toBe(1);
    const queued = app.heddle.start(waits, { state });
    const busy = await app.inject('/ready');
    expect([busy.statusCode, busy.json()]).toMatchObject([503, { status: 'busy', queued: 1 }]);
    await Promise.all([running.cancel(), queued.cancel()]);
  });

  it('is not ready any more while the app answers what it has accepted', async () => {
    let status: unknown;
    const app = await openApp({ ...ONE_THREAD, app: { return503OnClosing: false } }, (app) => {
      app.route(actionRoute(naps, { url: '/naps' }));
      // After the plugin's own, and before the server stops.
      app.addHook('preClose', async () => {
        const response = await fetch(`${url}/ready`);
        status = [response.status, ((await response.json()) as { status: string }).status];
      });
    });
    const url = await listen(app);
    const accepted = fetch(`${url}/naps`, { method: 'POST', body: '{"ms":50}', headers: { 'content-type': 'application/json' } });
    await expect.poll(() => app.heddle.stats().running).toBe(1);
    await app.close();
    expect(status).toEqual([503, 'draining']);
    expect(await (await accepted).json()).toEqual({ napped: 50 });
    expect(() => app.heddle.start(nothing)).toThrow(/closed/);
  });

  it('may be one that is there already, which is left open', async () => {
    await using runtime = createRuntime({ threads: { max: 1 } });
    const app = await openApp({ runtime, drainMs: false, health: false });
    expect(app.heddle).toBe(runtime);
    expect((await app.inject('/health')).statusCode).toBe(404);
    await app.close();
    expect(await runtime.run(double, { n: 2 })).toMatchObject({ ok: true });
  });

  it('is refused with every fault of its options', async () => {
    const app = fastify();
    const wrong = {
      runtime: createRuntime(),
      threads: {},
      drainMs: -1,
      retryAfterSeconds: 'soon',
      context: 1,
      tenant: 'acme',
      health: { live: 'x', odd: 1 },
    };
    await expect(app.register(heddle, wrong as never)).rejects.toThrow(
      'Invalid options of the heddle plugin: `threads` cannot be given beside `runtime`: it has options of its own; ' +
        '`health.live` must be a path that begins with /, or false; `health.odd` is not an option; ' +
        '`drainMs` must be milliseconds ≥ 0, or false; got -1; `retryAfterSeconds` must be seconds ≥ 0, or a function; got soon; ' +
        '`context` must be a function of the request; `tenant` must be a function of the request',
    );
    await expect(fastify().register(heddle, { threads: { min: 'two' } } as never)).rejects.toThrow('threads.min');
    await wrong.runtime.close();
  });
});
