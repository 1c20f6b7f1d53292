import { expect, test, vi } from 'vitest';
import { add, asks, crashes, echo, flaky, parent, waits } from './fixtures/actions.ts';
import { ask, openDashboard } from './support/dashboard.ts';

test('R-15 a task is told with its attempts, its logs and its outcome; secrets are replaced, long values cut', async () => {
  const { runtime, task, snapshot } = await openDashboard();
  const ref = runtime.start(flaky, { succeedsAt: 2, password: 'hunter2', long: 'x'.repeat(9000) } as never, {}, { tag: 'first' });
  await ref.outcome();
  const details = await task(ref.id);
  expect(details).toMatchObject({
    open: false,
    task: { action: 'flaky', state: 'ok', tag: 'first', attempts: 2, lane: '0' },
    attempts: [
      { attempt: 1, state: 'error', retried: true, error: expect.stringMatching(/not yet[\s\S]+caused by RangeError: the cause of it/) },
      { attempt: 2, state: 'ok', retried: false },
    ],
    logs: [
      { level: 'warn', message: 'trying', attempt: 1, fields: expect.stringContaining('"token": "[redacted]"') },
      { level: 'warn', message: 'trying', attempt: 2 },
    ],
  });
  expect(details.params).toContain('"password": "[redacted]"');
  expect(details.params?.length).toBeLessThan(4100);
  expect(details.value).toBe('{\n  "done": true,\n  "apiKey": "[redacted]"\n}');
  expect(JSON.stringify([details, await snapshot()])).not.toMatch(/hunter2|abc|k-1/);
});

test('R-15 what is open is told with what it runs on, why it stands there, and its progress; cancelled from here it ends', async () => {
  const { runtime, task, snapshot, post } = await openDashboard();
  const ref = runtime.start(waits, {}, {}, { timeoutMs: 600_000 });
  const queued = runtime.start(add, { a: 1 });
  await expect.poll(() => ref.progress).toBeDefined();
  expect(await snapshot()).toMatchObject({
    lanes: [{ lane: '0', state: 'busy', running: [{ id: ref.id, action: 'waits', forMs: expect.any(Number) }] }],
    open: expect.arrayContaining([
      expect.objectContaining({ id: ref.id, state: 'running', lane: '0' }),
      expect.objectContaining({ id: queued.id, state: 'queued' }),
    ]),
  });
  const details = await task(ref.id);
  expect(details).toMatchObject({ open: true, params: '{}', why: expect.any(String), progress: expect.stringContaining('[redacted]') });
  expect(await post(`/tasks/${ref.id}/cancel`, { reason: 'enough' })).toMatchObject({ status: 200 });
  expect(await ref.outcome()).toMatchObject({ error: { type: 'cancelled', message: expect.stringContaining('enough') } });
  expect(await queued.outcome()).toMatchObject({ value: 11 });
  expect(await post(`/tasks/${ref.id}/cancel`, {})).toMatchObject({ status: 409 });
  expect(await post('/tasks/none/cancel', {})).toMatchObject({ status: 404 });
  expect((await task(ref.id)).task.state).toBe('cancelled');
});

test('R-15 counts are exact, by action and by type of failure, and map items are among the totals', async () => {
  const { runtime, snapshot } = await openDashboard();
  await Promise.all(Array.from({ length: 2000 }, (_, a) => runtime.run(add, { a })));
  await Promise.all([
    runtime.run(crashes, {}),
    runtime.run(flaky, { succeedsAt: 9 }, {}, { maxRetries: 1 }),
    runtime.run(add, {} as never),
  ]);
  const cancelled = runtime.start(waits, {});
  await runtime.cancel(cancelled.id);
  await runtime.run(echo, {}, {}, { telemetry: 'silent' });
  for await (const _ of runtime.map(add, [{ a: 1 }, { a: 2 }]));
  const { totals, actions, failures, newEvents } = await snapshot();
  expect(totals).toMatchObject({ completed: 2003, failed: 3, cancelled: 1 });
  const row = (action: string): object => expect.objectContaining({ action, ended: expect.any(Number) });
  expect(actions).toEqual(expect.arrayContaining([row('add'), row('crashes'), row('flaky'), row('waits')]));
  expect(actions.find(({ action }) => action === 'add')).toMatchObject({ ended: 2003, failed: 1, run: { p50: expect.any(Number) } });
  expect(actions.find(({ action }) => action === 'echo')).toBeUndefined();
  expect(failures.map(({ type, action, count }) => [type, action, count])).toEqual(
    expect.arrayContaining([
      ['worker_lost', 'crashes', 1],
      ['execution_error', 'flaky', 1],
      ['validation_error', 'add', 1],
    ]),
  );
  expect(newEvents).toEqual([expect.objectContaining({ kind: 'laneLost', lane: '0' })]);
});

test('R-15 a coroutine is answered from here: by its schema, by its latest step alone, and by no function', async () => {
  const { runtime, task, post } = await openDashboard();
  const onStep = vi.fn();
  const coroutine = runtime.coroutine(asks, {}, {}, { onStep });
  await expect.poll(() => coroutine.state).toBe('suspended');
  const path = `/coroutines/${coroutine.id}/resume`;
  expect(await task(coroutine.id)).toMatchObject({
    open: true,
    task: { kind: 'coroutine', state: 'suspended' },
    steps: [{ seq: 1, kind: 'suspended', text: '"Who are you?"' }],
    resumeSchema: { type: 'object', required: ['name'] },
  });
  expect(await post(path, { value: { name: 1 } })).toMatchObject({ status: 400, text: expect.stringContaining('/name') });
  expect(await post(path, { value: { name: 'Ada' }, seq: 9 })).toMatchObject({ status: 409 });
  expect(await post(path, { value: { name: 'Ada' }, replyTo: 'me' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('replyTo'),
  });
  expect(await post(path, { value: { name: 'Ada' }, seq: 1 })).toMatchObject({ status: 200 });
  await expect.poll(() => coroutine.state).toBe('suspended');
  expect(await post(path, { value: { name: 'Eve' }, seq: 2 })).toMatchObject({ status: 200 });
  expect(await coroutine.outcome()).toMatchObject({ value: 'Ada and Eve' });
  expect(onStep).toHaveBeenCalledTimes(3);
  expect(await post(path, { value: { name: 'Bob' } })).toMatchObject({ status: 404 });
  await expect.poll(async () => (await task(coroutine.id)).steps.map(({ kind }) => kind)).toEqual(['suspended', 'suspended', 'completed']);
});

test('R-15 a lane is ended from here, and another takes its place', async () => {
  const { runtime, snapshot, post } = await openDashboard();
  const ref = runtime.start(waits, {}, {}, { timeoutMs: 600_000, maxRetries: 0 });
  await expect.poll(() => ref.progress).toBeDefined();
  expect(await post('/lanes/7/kill', {})).toMatchObject({ status: 404 });
  expect(await post('/lanes/0/kill', {})).toMatchObject({ status: 200 });
  expect(await ref.outcome()).toMatchObject({ error: { type: 'worker_lost', message: expect.stringContaining('by hand') } });
  expect(await runtime.run(add, { a: 1 })).toMatchObject({ value: 11 });
  await expect.poll(async () => (await snapshot()).lanes.map(({ lane, state }) => `${lane} ${state}`)).toEqual(['0 idle']);
});

test('R-15 actions are started from here where that is allowed, coroutines as well', async () => {
  const { runtime, snapshot, post, task } = await openDashboard({ start: true });
  await runtime.register(add);
  await runtime.register(asks);
  expect((await snapshot()).startable).toEqual([
    { name: 'add', kind: 'plain', description: 'Adds two numbers.', schema: expect.objectContaining({ type: 'object' }) },
    { name: 'asks', kind: 'coroutine' },
  ]);
  expect(await post('/actions/none/start', {})).toMatchObject({ status: 404 });
  const { started } = JSON.parse((await post('/actions/add/start', { params: { a: 5 }, tag: 'by hand' })).text) as { started: string };
  await expect.poll(async () => (await task(started)).value).toBe('15');
  const asked = JSON.parse((await post('/actions/asks/start', {})).text) as { started: string };
  await expect.poll(async () => (await task(asked.started)).task.state).toBe('suspended');
});

test('R-15 a parent is told with its children', async () => {
  const { runtime, task } = await openDashboard();
  const ref = runtime.start(parent, {});
  await ref.outcome();
  expect(await task(ref.id)).toMatchObject({ children: [{ action: 'add', state: 'ok', parentId: ref.id }] });
});

test('R-15 pages are sent a whole frame and then what changes, until the dashboard is closed', async () => {
  const { runtime, dashboard, base } = await openDashboard();
  const stream = ask(`${base}/events`);
  await runtime.run(add, { a: 1 });
  // Two ticks at the least: a point is made each second.
  await expect.poll(async () => JSON.parse((await ask(`${base}/snapshot`)).text).newPoints.length).toBeGreaterThan(0);
  await dashboard.close();
  const { text, headers } = await stream;
  expect(headers['content-type']).toContain('text/event-stream');
  const events = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  expect([events[0], events[1], events.at(-1)]).toEqual(['hello', 'frame', 'closed']);
});
