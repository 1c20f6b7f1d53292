import { expect, it } from 'vitest';
import { importModule } from '../src/import-module.ts';

it('A-1 a file that two ask for at once is loaded once', async () => {
  const { href } = new URL('./fixtures/propagated.ts', import.meta.url);
  const [first, second] = await Promise.all([importModule(href), importModule(href)]);
  expect(first['request']).toBeDefined();
  expect(second['request']).toBe(first['request']);
});
