import { unwrap } from '@heddle/core';
import { expect, test } from 'vitest';
import { foreign } from './fixtures/foreign-manager.ts';
import { ownProvider, withRoot } from './fixtures/own-provider.ts';
import { inRequest, openHost, treeOf } from './support/host.ts';

test('R-13 a provider of a lane’s own keeps its sampler, and hands its spans over', async () => {
  const { runtime, exporter } = openHost();
  await inRequest(() => runtime.run(ownProvider, {}));
  await expect
    .poll(() => treeOf(exporter.getFinishedSpans()))
    .toEqual(['GET /price', '  task ownProvider', '    attempt ownProvider', '      kept']);
});

test('R-13 in a lane, whoever asks for the root context has it, in an attempt too', async () => {
  const { runtime } = openHost();
  const seen = unwrap(await inRequest(async (span) => runtime.run(withRoot, { traceId: span.traceId })));
  expect(seen).toEqual({ inside: true, atRoot: false, inAgain: true, later: true });
});

test('R-13 a context manager that attempts cannot enter is told of, and the task goes on', async () => {
  const { runtime, events } = openHost();
  expect(unwrap(await inRequest(() => runtime.run(foreign, {})))).toBe('done');
  expect(events).toMatchObject([{ kind: 'propagatorFailed', propagator: 'openTelemetry', place: 'attach' }]);
  expect(events[0]).toMatchObject({ error: { message: expect.stringContaining('`contextManager: new LaneContextManager()`') } });
});
