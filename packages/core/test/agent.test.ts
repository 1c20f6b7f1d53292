import { describe, expect, it } from 'vitest';
import { defineAgent, HeddleError, isAgent, Type } from '../src/index.ts';

const schema = Type.Object({ count: Type.Integer({ default: 0 }) });
const module = import.meta.url;

const faultsOf = (definition: unknown): unknown => {
  try {
    Reflect.apply(defineAgent, undefined, [definition]);
  } catch (error) {
    if (error instanceof HeddleError) return [error.type, error.details['faults']];
  }
  return undefined;
};

describe('defineAgent', () => {
  it('W-1 gives a frozen definition, complete with its defaults', () => {
    const agent = defineAgent({ module, name: 'counter', tags: ['a'], schema, on: { add: () => undefined } });
    expect(isAgent(agent)).toBe(true);
    expect([agent, agent.on, agent.signals, agent.initialState, agent.tags].every((part) => Object.isFrozen(part))).toBe(true);
    expect(agent).toMatchObject({
      name: 'counter',
      module,
      failurePolicy: 'stop',
      restart: { max: 3, withinMs: 5000 },
      mailboxLimit: 10_000,
      timeoutMs: 5000,
    });
    expect(Object.getPrototypeOf(agent.on)).toBeNull();
  });

  it('W-1 tells what it is as plain data', () => {
    const agent = defineAgent({
      module,
      name: 'counter',
      description: 'Counts.',
      schema,
      signals: { add: Type.Object({ by: Type.Number() }) },
      on: { add: () => undefined, reset: () => undefined },
    });
    expect(JSON.parse(JSON.stringify(agent))).toMatchObject({
      kind: 'agent',
      name: 'counter',
      description: 'Counts.',
      schema: { type: 'object' },
      signals: { add: { type: 'object', required: ['by'] }, reset: {} },
      mailboxLimit: 10_000,
    });
  });

  it('W-1 binds handlers to the object they stand in', () => {
    const on = {
      step: 2,
      add(this: { step: number }, state: { count: number }) {
        return { count: state.count + this.step };
      },
    };
    const { add } = defineAgent({ module, name: 'counter', schema, on: { add: on.add.bind(on) } }).on;
    expect(Reflect.apply(add as () => unknown, undefined, [{ count: 1 }])).toEqual({ count: 3 });
  });

  it('W-1, A-2 reports every fault at once', () => {
    expect(
      faultsOf({
        name: '1x',
        schema: Type.String(),
        initialState: 5,
        signals: { add: 'string', other: Type.String() },
        on: { add: 5, '': () => {} },
        failurePolicy: 'retry',
        restart: { max: -1, often: true },
        mailboxLimit: 1.5,
        timeoutMs: 'x',
        extra: 1,
      }),
    ).toEqual([
      'config_error',
      [
        expect.stringContaining('`name` must match'),
        expect.stringContaining('`module` is missing'),
        '`extra` is not a key of an agent',
        '`schema` must describe an object (`Type.Object({ … })`)',
        '`initialState` must be an object; got a number',
        '`on.add` must be a function; got a number',
        '`on` has a signal without a name',
        expect.stringContaining('`signals.add` must be a TypeBox schema'),
        '`signals.other` has no handler in `on`',
        expect.stringContaining('`mailboxLimit`'),
        expect.stringContaining('`timeoutMs`'),
        '`failurePolicy` must be one of stop, continue, restart',
        expect.stringContaining('`restart.max`'),
        '`restart.often` is not an option',
      ],
    ]);
    expect(faultsOf({ module, name: 'x' })).toEqual([
      'config_error',
      [expect.stringContaining('`schema` is missing'), expect.stringContaining('`on` is missing')],
    ]);
    expect(faultsOf(null)).toEqual(['config_error', []]);
  });

  it('W-1 tells an agent from anything else, and never throws', () => {
    for (const value of [undefined, null, {}, schema, () => {}, { on: {} }]) expect(isAgent(value)).toBe(false);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isAgent(proxy)).toBe(false);
  });
});
