import { describe, expect, it } from 'vitest';
import { metadataOf } from '../src/engine.ts';
import { defineAction, isAction, Type } from '../src/index.ts';
import { revoked, unreadable } from './support/unreadable.ts';

const module = import.meta.url;

describe('defineAction', () => {
  it('A-1 returns a frozen action', () => {
    const action = defineAction({ module, name: 'add', tags: ['math'], compensation: { enabled: true }, run: () => 1 });
    for (const part of [action, action.tags, action.compensation, action.defaults, action.hooks]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('A-1 copies tags and defaults, so that a later change of the given ones changes nothing', () => {
    const tags = ['math'];
    const defaults = { timeoutMs: 10 };
    const action = defineAction({ module, name: 'add', tags, defaults, run: () => 1 });
    tags.push('late');
    defaults.timeoutMs = 99;
    expect(action.tags).toEqual(['math']);
    expect(action.defaults).toEqual({ timeoutMs: 10 });
  });

  it('A-2 throws a config_error for a definition with faults', () => {
    // @ts-expect-error `run` is missing, which the types see as well
    expect(() => defineAction({ module, name: 'add' })).toThrow(
      expect.objectContaining({ type: 'config_error', code: 'ERR_HEDDLE_CONFIG_ERROR' }),
    );
  });

  it('A-7 gives its metadata and schemas as plain JSON', () => {
    const action = defineAction({
      module,
      name: 'resize',
      description: 'Fits an image into a box.',
      category: 'image',
      tags: ['cpu'],
      vsn: '2',
      schema: Type.Object({ width: Type.Integer({ minimum: 1, default: 320 }) }),
      outputSchema: Type.Object({ bytes: Type.Integer() }),
      run: () => ({ bytes: 1 }),
    });
    const json = action.toJSON();
    expect(json).toEqual({
      name: 'resize',
      module,
      description: 'Fits an image into a box.',
      category: 'image',
      tags: ['cpu'],
      vsn: '2',
      kind: 'plain',
      compensation: { enabled: false, maxRetries: 1, timeoutMs: 5000 },
      schema: {
        type: 'object',
        required: ['width'],
        properties: { width: { type: 'integer', minimum: 1, default: 320 } },
      },
      outputSchema: { type: 'object', required: ['bytes'], properties: { bytes: { type: 'integer' } } },
    });
    expect(structuredClone(json)).toEqual(json);
    expect(JSON.parse(JSON.stringify(action))).toEqual(json);
  });

  it('A-7 leaves out of its JSON what the definition leaves out', () => {
    const json = defineAction({ module, name: 'add', run: () => 1 }).toJSON();
    expect(Object.keys(json).sort()).toEqual(['compensation', 'kind', 'module', 'name', 'tags']);
  });

  it('A-7 writes bigint limits and defaults as text, since JSON has no bigints', () => {
    const schema = Type.Object({ size: Type.BigInt({ minimum: 1n, default: 5n }) });
    expect(defineAction({ module, name: 'add', schema, run: () => 1 }).toJSON().schema).toMatchObject({
      properties: { size: { minimum: '1', default: '5' } },
    });
  });

  it('metadataOf keeps what an action is and drops what it does', () => {
    const action = defineAction({ module, name: 'add', description: 'Adds.', tags: ['math'], run: () => 1 });
    const metadata = metadataOf(action);
    expect(metadata).toEqual({ name: 'add', module, description: 'Adds.', tags: ['math'] });
    expect(Object.isFrozen(metadata)).toBe(true);
    expect(structuredClone(metadata)).toEqual(metadata);
  });
});

describe('isAction', () => {
  const action = defineAction({ module, name: 'add', run: () => 1 });

  it('A-8 knows what defineAction made', () => {
    expect(isAction(action)).toBe(true);
  });

  it('A-8 knows an action of another copy of the package by its registered brand', () => {
    expect(isAction(Object.freeze({ [Symbol.for('heddle.action')]: true }))).toBe(true);
  });

  it.each([
    ['a copy without the brand', () => ({ ...action, [Symbol.for('heddle.action')]: undefined })],
    ['a copy that is not frozen', () => ({ ...action })],
    ['its metadata', () => metadataOf(action)],
    ['a closure', () => () => 1],
    ['null', () => null],
    ['undefined', () => undefined],
    ['a name', () => 'add'],
    ['a proxy whose traps throw', unreadable],
    ['a revoked proxy', revoked],
  ])('A-8 refuses %s', (_what, make) => {
    expect(isAction(make())).toBe(false);
  });
});
