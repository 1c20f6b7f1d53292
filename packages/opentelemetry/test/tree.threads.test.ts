import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unwrap } from '@heddle/core';
import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { late, looks, ordered, priced, steps, stuck, undone } from './fixtures/traced.ts';
import { inRequest, openHost, treeOf } from './support/host.ts';

test('R-13 a request, its task, its attempts and what the action traced in its thread are one trace, in order', async () => {
  const { runtime, exporter } = openHost();
  const server = createServer((_request, response) => {
    void inRequest(async () => response.end(JSON.stringify(await runtime.run(priced, { succeedsAt: 2 }))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { value: { traceId: string; spanId: string } };
  await new Promise((resolve) => server.close(resolve));
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(8);
  const spans = exporter.getFinishedSpans();
  expect(treeOf(spans)).toEqual([
    'GET /price',
    '  task priced',
    '    attempt priced',
    '      look up',
    '        parse',
    '    attempt priced',
    '      look up',
    '        parse',
  ]);
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([answer.value.traceId]));
  // What the action passed on to others is what is exported.
  expect(spans.some((span) => span.name === 'look up' && span.spanContext().spanId === answer.value.spanId)).toBe(true);
});

test('R-13 spans tell what they are of, how it ended, and what the thread recorded', async () => {
  const { runtime, exporter } = openHost();
  const ref = runtime.start(priced, { succeedsAt: 2 }, {}, { tag: 'tea' });
  await ref.outcome();
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(7);
  const spans = exporter.getFinishedSpans();
  const [first, second] = spans.filter(({ name }) => name === 'attempt priced');
  expect(first).toMatchObject({
    kind: SpanKind.INTERNAL,
    status: { code: SpanStatusCode.ERROR, message: 'ERR_HEDDLE_EXECUTION_ERROR' },
    attributes: {
      ...{ 'heddle.task.id': ref.id, 'heddle.action': 'priced', 'heddle.runtime': 'heddle', 'heddle.task.tag': 'tea', 'heddle.attempt': 1 },
      ...{ 'heddle.attempt.retried': true, 'heddle.outcome': 'error', 'error.type': 'execution_error', 'thread.id': ref.threadId },
    },
    events: [{ name: 'exception', attributes: { 'exception.type': 'execution_error' } }],
  });
  expect(second).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'heddle.attempt': 2, 'heddle.outcome': 'ok' },
    events: [],
  });
  const task = spans.find(({ name }) => name === 'task priced');
  expect(task).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: { 'heddle.task.attempts': 2, 'heddle.outcome': 'ok' } });
  expect(second?.resource).toBe(task?.resource);
  const lookUp = spans.find(({ name }) => name === 'look up');
  expect(lookUp).toMatchObject({
    kind: SpanKind.CLIENT,
    attributes: { sku: 'tea' },
    instrumentationScope: { name: 'fixture', version: '1.2.3' },
    events: [{ name: 'asked', attributes: { attempt: 1 } }, { name: 'exception' }],
  });
  expect(lookUp?.resource).toBe(task?.resource);
});

test('R-13 a child is below the attempt that started it, and its spans below its own attempt', async () => {
  const { runtime, exporter } = openHost();
  await inRequest(async () => unwrap(await runtime.run(ordered, {})));
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(8);
  expect(treeOf(exporter.getFinishedSpans())).toEqual([
    'GET /price',
    '  task ordered',
    '    attempt ordered',
    '      prepare',
    '      task priced',
    '        attempt priced',
    '          look up',
    '            parse',
  ]);
});

test('R-13 the steps of a chain are tasks beside each other, below who called it', async () => {
  const { runtime, exporter } = openHost();
  await inRequest(async () => unwrap(await runtime.chain([priced, priced], {})));
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(9);
  expect(treeOf(exporter.getFinishedSpans()).filter((line) => /^ {0,2}\S/.test(line))).toEqual([
    'GET /price',
    '  task priced',
    '  task priced',
  ]);
});

test('R-13 a compensation is a span of its own, and what `onError` traces is below it', async () => {
  const { runtime, exporter } = openHost();
  await runtime.run(undone, {});
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(4);
  expect(treeOf(exporter.getFinishedSpans())).toEqual(['task undone', '  attempt undone', '  compensate undone', '    refund']);
});

test('R-13 a span that ends after its attempt comes all the same', async () => {
  const { runtime, exporter, events } = openHost();
  const gate = new SharedArrayBuffer(4);
  await runtime.run(late, { gate });
  await expect.poll(() => treeOf(exporter.getFinishedSpans())).toEqual(['task late', '  attempt late']);
  Atomics.store(new Int32Array(gate), 0, 1);
  await expect.poll(() => treeOf(exporter.getFinishedSpans())).toEqual(['task late', '  attempt late', '    afterwards']);
  expect(events).toEqual([]);
});

test('R-13 what a thread held that is ended by force is lost, and the attempt is told all the same', async () => {
  const { runtime, exporter } = openHost({ graceMs: 0 });
  const ref = runtime.start(stuck, {}, {}, { onProgress: () => void runtime.cancel(ref) });
  await ref.outcome();
  await expect.poll(() => treeOf(exporter.getFinishedSpans())).toEqual(['task stuck', '  attempt stuck']);
  expect(exporter.getFinishedSpans().find(({ name }) => name === 'attempt stuck')?.attributes['heddle.outcome']).toBe('cancelled');
});

test('R-13 R-10 baggage goes into the thread, and neither it nor the trace into the next task', async () => {
  const { runtime } = openHost();
  const within = propagation.setBaggage(context.active(), propagation.createBaggage({ tenant: { value: 'acme' } }));
  const [inside, request] = await inRequest(async (span) => [unwrap(await runtime.run(looks)), span] as const, within);
  expect(inside).toMatchObject({ tenant: 'acme', span: { traceId: request.traceId, isRemote: true } });
  const outside = unwrap(await runtime.run(looks));
  expect(outside.tenant).toBeUndefined();
  expect(outside.span?.traceId).not.toBe(request.traceId);
});

test('R-13 steps of a coroutine are spans below its own, and so is what it traces', async () => {
  const { runtime, exporter } = openHost();
  const coroutine = runtime.coroutine(steps);
  await coroutine.next();
  await coroutine.next('done');
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(5);
  expect(treeOf(exporter.getFinishedSpans()).sort()).toEqual(['  first', '  second', '  step steps', '  step steps', 'task steps']);
});

test.each(['process', 'thread'] as const)('R-13 lanes that are a %s bring their spans back', async (isolation) => {
  const { runtime, exporter } = openHost({ isolation });
  await runtime.run(priced, {});
  await expect.poll(() => treeOf(exporter.getFinishedSpans())).toEqual(['task priced', '  attempt priced', '    look up', '      parse']);
});

test('R-13 without the processors, attempts are spans like others, and lanes put theirs below the task', async () => {
  const { runtime, exporter } = openHost({}, {});
  const value = unwrap(await runtime.run(looks, {}));
  await expect.poll(() => exporter.getFinishedSpans().length).toBeGreaterThanOrEqual(2);
  const spans = exporter.getFinishedSpans();
  expect(treeOf(spans).filter((line) => !line.includes('queue'))).toEqual(['task looks', '  attempt looks']);
  expect(value.span?.spanId).toBe(spans.find(({ name }) => name === 'task looks')?.spanContext().spanId);
});

test('R-13 a task that is silent has no span, and goes on in its caller’s trace', async () => {
  const { runtime, exporter } = openHost();
  const [value, request] = await inRequest(
    async (span) => [unwrap(await runtime.run(looks, {}, {}, { telemetry: 'silent' })), span] as const,
  );
  expect(value.span).toMatchObject({ traceId: request.traceId, spanId: request.spanId });
  expect(treeOf(exporter.getFinishedSpans())).toEqual(['GET /price']);
});
