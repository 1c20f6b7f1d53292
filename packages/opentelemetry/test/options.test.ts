import { expect, it } from 'vitest';
import { createOpenTelemetry } from '../src/index.ts';
import { attemptSpanId } from '../src/span-id.ts';

it('R-13 refuses options at fault, every one at once', () => {
  const options = { tracerProvider: {}, meterProvider: 1, spanProcessors: [{}], queueSpanMs: -1, exporter: {} };
  expect(() => createOpenTelemetry(options as never)).toThrow(
    'Invalid OpenTelemetry options: `exporter` is not an option: they are tracerProvider, meterProvider, spanProcessors, queueSpanMs; ' +
      '`tracerProvider` must have `getTracer`; got an object; `meterProvider` must have `getMeter`; got a number; ' +
      '`spanProcessors` must be an array of span processors; `queueSpanMs` must be a number of milliseconds, 0 or more; got a number',
  );
  expect(() => createOpenTelemetry(null as never)).toThrow('expected an object, got null');
});

it('R-13 gives each attempt of many tasks an id of its own, the same wherever it is worked out', () => {
  const ids = new Set<string>();
  for (let task = 0; task < 20_000; task++)
    for (const attempt of [1, 2, 3, 'onError'] as const)
      ids.add(attemptSpanId('4bf92f3577b34da6a3ce929d0e0e4736', `00f067aa0b-${task}`, attempt));
  expect(ids.size).toBe(80_000);
  expect([...ids].every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
  expect(attemptSpanId('a', 'b', 1)).toBe(attemptSpanId('a', 'b', 1));
  expect(attemptSpanId('a', 'b', 1)).not.toBe(attemptSpanId('c', 'b', 1));
});
