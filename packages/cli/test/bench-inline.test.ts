import { type Action, isAction, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { createInline, tryInline } from '../src/bench/inline.ts';

const actions: Readonly<Record<string, unknown>> = await import(new URL('./fixtures/bench.js', import.meta.url).href);

function action(name: string): Action<never, unknown> {
  const found = actions[name];
  if (!isAction(found) || found.kind !== 'plain') throw new Error(`the fixture has no ${name}`);
  return found;
}

const inline = (name: string): ReturnType<typeof createInline> => createInline(action(name), { user: 7 });

describe('an action run inline', () => {
  it('is synchronous when the action is, and checks params and value', () => {
    expect(inline('doubles')({ n: 4 })).toEqual(ok(8));
    expect(inline('doubles')({ n: 'x' })).toMatchObject({ ok: false, error: { type: 'validation_error' } });
  });

  it('goes through its hooks with a ctx of its own', async () => {
    const value = ['before', 'hooked', 7, 1, Number.POSITIVE_INFINITY, false, 'after'];
    expect(await inline('hooked')({})).toMatchObject({ ok: true, value });
  });

  it('ends with a failure, and never rejects', async () => {
    expect(await inline('fails')({})).toMatchObject({ ok: false, error: { message: 'out of tea' } });
    expect(await inline('untidy')({})).toMatchObject({ ok: false, error: { message: 'left behind' } });
    expect(await inline('spawns')({})).toMatchObject({ ok: false, error: { type: 'invalid_input' } });
  });

  it('runs nested actions inline as well', async () => {
    expect(await inline('nests')({ n: 3 })).toEqual(ok(6));
    expect(await inline('nests')({ n: 'x' })).toMatchObject({ ok: false, error: { type: 'validation_error' } });
  });

  it('gives each call a copy of its params where the action changes them', async () => {
    const params = { list: [1, 2, 3] };
    const tried = await tryInline(inline('empties'), params);
    expect(tried).toMatchObject({ outcome: ok(3), inline: { copies: true } });
    expect([await tried.inline.call(params), await tried.inline.call(params)]).toEqual([ok(3), ok(3)]);
    expect((await tryInline(inline('doubles'), { n: 1 })).inline.copies).toBe(false);
  });
});
