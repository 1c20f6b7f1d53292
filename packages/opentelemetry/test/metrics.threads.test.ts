import { readFileSync } from 'node:fs';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test } from 'vitest';
import { looks, priced } from './fixtures/traced.ts';
import { openHost } from './support/host.ts';

const documented = [
  ...readFileSync(new URL('../../../docs/telemetry.md', import.meta.url), 'utf8').matchAll(
    /^\| `(heddle\.[\w.]+)` \| (\w+) \|([^|]*)\|([^|]*)\|$/gm,
  ),
]
  .filter(([, , kind = '']) => ['counter', 'histogram', 'gauge'].includes(kind))
  .map(([, name = '', , unit = '', attributes = '']) => ({
    name,
    unit: unit.trim(),
    attributes: [...attributes.matchAll(/`([\w.]+)`/g)].map(([, attribute = '']) => attribute),
  }));

const open: MeterProvider[] = [];

afterEach(async () => {
  for (const provider of open.splice(0)) await provider.shutdown();
});

function openMeter(): { meterProvider: MeterProvider; collect(): Promise<Map<string, MetricData>> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // Far from now: a test collects by itself.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  open.push(meterProvider);
  return {
    meterProvider,
    async collect() {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
    },
  };
}

const attributesOf = (metric: MetricData | undefined): string[] =>
  [...new Set(metric?.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].filter((name) => name !== 'heddle.runtime').sort();

test('R-13 the metrics are those of the documentation, with their units and attributes', async () => {
  const { meterProvider, collect } = openMeter();
  const { runtime, telemetry } = openHost({}, { meterProvider });
  telemetry.observe(runtime);
  await runtime.run(looks, {});
  await runtime.run(priced, { succeedsAt: 3 }, {}, { maxRetries: 1 });
  await runtime.run(priced, { exits: true }, {}, { maxRetries: 0 });
  // On a lane that has taken the lost one's place.
  await runtime.run(looks, {});
  let metrics = await collect();
  // The end of the thread is told a moment later.
  while (!metrics.has('heddle.events')) metrics = await collect();
  // A lane may have had no time to say what is in its memory.
  const told = documented.filter(({ name }) => metrics.has(name) || !/heap|memory/.test(name));
  expect([...metrics.keys()].sort()).toEqual(told.map(({ name }) => name).sort());
  for (const { name, unit, attributes } of told) {
    const metric = metrics.get(name);
    expect([name, attributesOf(metric)]).toEqual([name, [...attributes].sort()]);
    if (unit !== '') expect([name, metric?.descriptor.unit]).toEqual([name, unit]);
  }
});

test('R-13 metrics count tasks and attempts by how they ended, and end with what collects them', async () => {
  const { meterProvider, collect } = openMeter();
  const { runtime, telemetry } = openHost({}, { meterProvider });
  const observed = telemetry.observe(runtime);
  await runtime.run(priced, { succeedsAt: 2 });
  const points = (await collect())
    .get('heddle.attempts')
    ?.dataPoints.map(({ attributes, value }) => [attributes['heddle.outcome'], attributes['heddle.attempt.retried'], value]);
  expect(points).toEqual([
    ['error', true, 1],
    ['ok', false, 1],
  ]);
  expect((await collect()).get('heddle.tasks.running')?.dataPoints).toMatchObject([
    { value: 0, attributes: { 'heddle.runtime': 'heddle' } },
  ]);
  observed[Symbol.dispose]();
  telemetry.close();
  await runtime.run(priced, {});
  const after = await collect();
  expect(after.get('heddle.tasks.started')?.dataPoints).toMatchObject([{ value: 1 }]);
});
