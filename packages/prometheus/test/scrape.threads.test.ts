import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectMetrics } from '@heddle/prometheus';
import { createRuntime, type Runtime, type RuntimeOptions } from '@heddle/worker-pool';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { add, counts, fails } from './fixtures/measured.ts';

const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function openRuntime(options: RuntimeOptions = {}): Runtime {
  const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  const runtime = createRuntime({ threads: { min: 1, max: 1 }, logger: quiet, ...options });
  open.push(() => runtime.close({ graceMs: 0 }));
  return runtime;
}

/** What a Prometheus gets from a server. */
async function scrape(register: Registry): Promise<string> {
  const server = createServer((_request, response) => {
    register.metrics().then(
      (text) => response.setHeader('content-type', register.contentType).end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.status).toBe(200);
    return await response.text();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A scrape's metrics: their types and the names of their labels, in order. */
function metricsIn(text: string): Map<string, { type: string; labels: Set<string> }> {
  const metrics = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, { type, labels: new Set<string>() }]),
  );
  for (const [, sample = '', labels = ''] of text.matchAll(/^([a-z_:]+)(?:\{(.*)\})? \S+$/gm)) {
    const metric = metrics.get(sample) ?? metrics.get(sample.replace(/_(bucket|sum|count)$/, ''));
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') metric?.labels.add(label);
  }
  return metrics;
}

/** The value of one sample. */
function sampleOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

/** The table of docs/telemetry.md. */
const documented = new Map(
  [
    ...readFileSync(new URL('../../../docs/telemetry.md', import.meta.url), 'utf8').matchAll(/^\| `(heddle_\w+)` \| (\w+) \|([^|]*)\|/gm),
  ].map(([, name = '', type = '', labels = '']) => [
    name,
    { type, labels: new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)) },
  ]),
);

describe('R-13 a scrape', () => {
  test('has every metric of the documentation with its type and labels, and no other', async () => {
    const runtime = openRuntime();
    const register = new Registry();
    const collection = collectMetrics(runtime, { register });
    await runtime.run(add, { a: 1, b: 2 });
    await runtime.run(fails, {}, {}, { maxRetries: 1, backoffMs: 0 });
    const text = await scrape(register);
    const scraped = metricsIn(text);
    expect([...scraped.keys()].sort()).toEqual([...documented.keys()].sort());
    // A lane may have had no time to say what is in its memory, and no event has happened: those have no samples.
    const without = [...scraped].filter(([, { labels }]) => labels.size === 0).map(([name]) => name);
    for (const [name, { type, labels }] of documented) {
      expect([name, scraped.get(name)?.type]).toEqual([name, type]);
      if (!without.includes(name)) expect([name, scraped.get(name)?.labels]).toEqual([name, labels]);
    }
    const bare = [...documented].filter(([, { labels }]) => labels.size === 0).map(([name]) => name);
    const untold = ['heddle_events_total', 'heddle_lane_heap_used_bytes', 'heddle_lane_heap_limit_bytes', 'heddle_lane_external_bytes'];
    expect(without.filter((name) => !bare.includes(name) && !untold.includes(name))).toEqual([]);
    collection.end();
    expect(metricsIn(await scrape(register)).size).toBe(0);
  });

  test('counts tasks and attempts by how they ended, of its own runtime alone', async () => {
    const [runtime, other] = [openRuntime({ name: 'mine' }), openRuntime({ name: 'other' })];
    const register = new Registry();
    open.push(() => collection.end());
    const collection = collectMetrics(runtime, { register, prefix: 'app_', labels: { service: 'shop' } });
    await Promise.all([runtime.run(add, { a: 1, b: 2 }), runtime.run(add, { a: 1, b: 2 }), other.run(add, { a: 1, b: 2 })]);
    await runtime.run(fails, {}, {}, { maxRetries: 1, backoffMs: 0 });
    const text = await scrape(register);
    const value = (name: string, labels: string): number | undefined => sampleOf(text, `app_${name}{service="shop"${labels}}`);
    expect(value('tasks_started_total', ',action="add"')).toBe(2);
    expect(value('tasks_ended_total', ',action="add",outcome="ok",error_type=""')).toBe(2);
    expect(value('tasks_ended_total', ',action="fails",outcome="error",error_type="execution_error"')).toBe(1);
    expect(value('attempts_total', ',action="fails",outcome="error",retried="true"')).toBe(1);
    expect(value('attempts_total', ',action="fails",outcome="error",retried="false"')).toBe(1);
    expect(value('task_duration_seconds_count', ',action="add",outcome="ok"')).toBe(2);
    expect(value('task_queue_seconds_count', ',action="fails"')).toBe(1);
    expect(value('tasks_queued', '')).toBe(0);
    expect(value('lanes_killed_total', '')).toBe(0);
  });

  test('tells what lanes do and how busy they are, by their numbers', async () => {
    const runtime = openRuntime();
    const register = new Registry();
    open.push(() => collection.end());
    const collection = collectMetrics(runtime, { register });
    const gate = new SharedArrayBuffer(8);
    const words = new Int32Array(gate);
    const coroutine = runtime.coroutine(counts);
    await coroutine.next();
    const ref = runtime.start(add, { a: 1, b: 2, gate });
    await expect.poll(() => words[0]).toBe(1);
    const text = await scrape(register);
    expect(sampleOf(text, 'heddle_lanes{state="busy",stateful="false"}')).toBe(1);
    expect(sampleOf(text, 'heddle_lanes{state="idle",stateful="true"}')).toBe(1);
    expect(sampleOf(text, 'heddle_lane_running{lane="0",stateful="false"}')).toBe(1);
    expect(sampleOf(text, 'heddle_lane_running{lane="0",stateful="true"}')).toBe(0);
    expect(sampleOf(text, 'heddle_tasks_running')).toBe(1);
    expect(sampleOf(text, 'heddle_coroutines_suspended')).toBe(1);
    const busy = sampleOf(text, 'heddle_lane_event_loop_utilization{lane="0",stateful="false"}');
    expect(busy).toBeGreaterThan(0);
    expect(busy).toBeLessThanOrEqual(1);
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
    await ref.outcome();
  });

  test('counts events by their kind', async () => {
    const runtime = openRuntime();
    const register = new Registry();
    open.push(() => collection.end());
    const collection = collectMetrics(runtime, { register });
    await runtime.run(fails, { exits: true }, {}, { maxRetries: 0 });
    await expect.poll(async () => sampleOf(await register.metrics(), 'heddle_events_total{kind="laneLost"}')).toBe(1);
    expect(sampleOf(await scrape(register), 'heddle_lanes_lost_total')).toBe(1);
  });
});

describe('R-13 collectMetrics', () => {
  test('refuses options at fault, every one at once', () => {
    const runtime = openRuntime();
    const options = { register: 1, prefix: '9', labels: { le: 'x', service: 1 }, other: 1 };
    expect(() => collectMetrics(runtime, options as never)).toThrow(
      'Invalid options of metrics: `other` is not an option: they are register, prefix, labels; `register` must be a registry of prom-client; got a number; ' +
        '`prefix` must be a text of letters, digits, `_` and `:` that does not begin with a digit; ' +
        '`labels.le` is no name for a label, or one that the metrics have; `labels.service` must be a string; got a number',
    );
  });

  test('refuses names that the registry has, and leaves what is there', async () => {
    const runtime = openRuntime();
    const register = new Registry();
    open.push(() => collection.end());
    const collection = collectMetrics(runtime, { register });
    expect(() => collectMetrics(runtime, { register })).toThrow('The registry has a metric `heddle_tasks_queued`');
    expect(metricsIn(await register.metrics()).size).toBe(documented.size);
    collectMetrics(runtime, { register, prefix: 'more_' }).end();
    expect(metricsIn(await register.metrics()).size).toBe(documented.size);
  });
});
