import { createRuntime } from '@heddle/worker-pool';
import fastify, { type FastifyInstance } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { dashboard, heddle } from '../src/index.ts';
import { double, waits } from './fixtures/actions.ts';

const TOKEN = 'a-token-of-some-length';
const headers = { authorization: `Bearer ${TOKEN}` };

async function openApp(setUp: (app: FastifyInstance) => Promise<unknown>): Promise<FastifyInstance> {
  const app = fastify();
  onTestFinished(() => app.close());
  await app.register(heddle, { threads: { min: 0, max: 1 }, drainMs: false });
  await setUp(app);
  await app.ready();
  return app;
}

it("R-15 the dashboard is below its prefix, shows the app's runtime, and takes bodies by itself", async () => {
  const app = await openApp(async (app) => {
    app.post('/own', async ({ body }) => body);
    await app.register(dashboard, { prefix: '/ops', token: TOKEN });
  });
  expect((await app.inject('/ops/')).statusCode).toBe(401);
  const first = await app.inject(`/ops/?token=${TOKEN}`);
  expect([first.statusCode, first.headers.location, String(first.headers['set-cookie'])]).toEqual([
    303,
    '/ops/',
    expect.stringContaining('Path=/ops/; HttpOnly'),
  ]);
  expect((await app.inject({ url: '/ops/', headers })).body).toContain('<title>Heddle</title>');
  await app.heddle.run(double, { n: 4 });
  expect((await app.inject({ url: '/ops/snapshot', headers })).json()).toMatchObject({
    totals: { completed: 1 },
    actions: [{ action: 'double' }],
  });
  const ref = app.heddle.start(waits, { state: new Int32Array(new SharedArrayBuffer(8)) }, {}, { timeoutMs: 600_000 });
  const cancelled = await app.inject({ method: 'POST', url: `/ops/tasks/${ref.id}/cancel`, headers, payload: { reason: 'enough' } });
  expect(cancelled.json()).toEqual({ cancelling: ref.id });
  expect(await ref.outcome()).toMatchObject({ error: { type: 'cancelled', message: expect.stringContaining('enough') } });
  // Beside it, bodies are read as ever.
  expect((await app.inject({ method: 'POST', url: '/own', payload: { a: 1 } })).json()).toEqual({ a: 1 });
});

it('R-15 an open page does not hold the app up when it closes, and another runtime is shown where one is given', async () => {
  const runtime = createRuntime({ name: 'other', threads: { min: 0 } });
  onTestFinished(() => runtime.close());
  const app = await openApp(async (app) => await app.register(dashboard, { prefix: '/ops', runtime }));
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(`${base}/ops/events`);
  const text = response.text();
  await app.close();
  expect(await text).toMatch(/^retry: 1000\n\nevent: hello\ndata: \{"runtime":"other"[\s\S]+event: closed\n/);
});

it('R-15 without a runtime it says what is missing', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  await expect(async () => await app.register(dashboard, { prefix: '/ops' })).rejects.toThrowError(/needs a `runtime`/);
});
