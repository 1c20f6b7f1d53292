import { LaneContextManager } from '@heddle/opentelemetry';
import { expect, test } from 'vitest';
import { priced } from './fixtures/traced.ts';
import { inRequest, openHost, treeOf } from './support/host.ts';

test('R-13 inline lanes trace into the host’s own provider, below their attempt, where its context manager can be entered', async () => {
  const { runtime, exporter, events } = openHost({ isolation: 'inline' }, 'own processors', new LaneContextManager());
  await inRequest(() => runtime.run(priced, { succeedsAt: 2 }));
  const attempt = ['    attempt priced', '      look up', '        parse'];
  await expect.poll(() => treeOf(exporter.getFinishedSpans())).toEqual(['GET /price', '  task priced', ...attempt, ...attempt]);
  expect(events).toEqual([]);
});
