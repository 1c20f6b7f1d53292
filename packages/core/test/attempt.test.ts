import { describe, expect, it } from 'vitest';
import { planAttempt, runAttempt } from '../src/engine.ts';
import { type ActionContext, defineAction, fail, HeddleError, isOutcome, type Outcome, ok, Type } from '../src/index.ts';
import { createValidator } from '../src/validation.ts';
import { idleContext } from './support/context.ts';
import { revoked, unreadable } from './support/unreadable.ts';

const module = import.meta.url;
const name = 'act';

/** Runs one attempt of a definition, its schemas compiled; tells a synchronous outcome from a later one. */
function attempt(
  action: Parameters<typeof planAttempt>[0] & { schema?: unknown; outputSchema?: unknown },
  params: unknown,
  ctx: ActionContext = idleContext,
): Outcome | Promise<Outcome> {
  const compiled = (schema: unknown) => (schema === undefined ? undefined : createValidator(schema as never)); // an action's schema is one
  return runAttempt(planAttempt(action, compiled(action.schema), compiled(action.outputSchema)), params, ctx);
}

/** An action whose parts note their names and what they were given. */
function noting(notes: string[], results: Readonly<Record<string, unknown>> = {}) {
  const note = (part: string) => (value: unknown) => {
    notes.push(`${part} ${JSON.stringify(value)}`);
    const result = results[part];
    if (typeof result === 'function') return result(value);
    return result;
  };
  return defineAction({
    module,
    name,
    schema: Type.Object({ n: Type.Integer({ default: 1 }) }),
    outputSchema: Type.Unknown({ default: 'filled' }),
    onBeforeValidateParams: note('before'),
    onAfterValidateParams: note('after'),
    run: note('run'),
    onAfterRun: note('ran'),
    onAfterValidateOutput: note('output'),
  });
}

describe('an attempt without hooks', () => {
  const double = defineAction({
    module,
    name,
    schema: Type.Object({ n: Type.Integer({ default: 4 }) }),
    run: ({ n }) => n * 2,
  });

  it('A-4 is synchronous when everything in it is', () => {
    expect(attempt(double, { n: 3 })).toEqual(ok(6));
    expect(isOutcome(attempt(double, { n: 3 }))).toBe(true);
  });

  it('A-3 gives `run` the validated value: defaults filled, extra keys kept', () => {
    const echo = defineAction({ module, name, schema: Type.Object({ n: Type.Integer({ default: 4 }) }), run: (p) => p });
    const given = Object.freeze({ extra: 1 });
    expect(attempt(echo, given)).toEqual(ok({ extra: 1, n: 4 }));
    expect(given).toEqual({ extra: 1 });
  });

  it('A-3 answers invalid params with every fault, and does not run', () => {
    expect(attempt(double, { n: 'x' })).toMatchObject({
      ok: false,
      error: {
        type: 'validation_error',
        message: 'Invalid params for action act: `/n` expected integer, got "x"',
        details: { action: 'act', what: 'params', faults: [{ path: '/n', expected: 'integer', received: '"x"' }] },
      },
    });
    expect(attempt(double, 5)).toMatchObject({
      error: { message: 'Invalid params for action act: `/` expected object, got 5' },
    });
  });

  it('A-3 answers params that cannot be read, and never throws', () => {
    for (const params of [unreadable(), revoked()]) {
      expect(attempt(double, params)).toMatchObject({ ok: false, error: { type: 'validation_error' } });
    }
  });

  it('A-5 takes a plain value, an outcome, or a promise of either', async () => {
    const runs: [() => unknown, Outcome][] = [
      [() => 5, ok(5)],
      [() => undefined, ok(undefined)],
      [() => ok(5, 'next'), ok(5, 'next')],
      [() => fail('no', 'next'), fail('no', 'next')],
      [async () => 5, ok(5)],
      [async () => ok(5, 'next'), ok(5, 'next')],
      [async () => fail('no', 'next'), fail('no', 'next')],
      [() => ({ ok: true, value: 5 }), ok({ ok: true, value: 5 })],
    ];
    for (const [run, outcome] of runs) {
      expect(await attempt(defineAction({ module, name, run }), {})).toEqual(outcome);
    }
  });

  it('A-5 waits for any thenable', async () => {
    const later: PromiseLike<number> = new (class extends Promise<number> {})((resolve) => resolve(7));
    const returned = attempt(defineAction({ module, name, run: () => later }), {});
    expect(returned).toBeInstanceOf(Promise);
    expect(await returned).toEqual(ok(7));
  });

  it.each([
    ['null', () => null],
    ['undefined', () => undefined],
    ['0', () => 0],
    ['an empty text', () => ''],
    ['a function', () => () => 1],
    ['a proxy whose traps throw', unreadable],
    ['a revoked proxy', revoked],
    ['an outcome', () => ok(1)],
    ['a thenable', () => Promise.resolve(1)],
  ])('A-6 a thrown %s is a failure, thrown at once or later', async (_what, make) => {
    const thrower = (): never => {
      throw make();
    };
    const now = attempt(defineAction({ module, name, run: thrower }), {});
    expect(now).toMatchObject({ ok: false, error: { type: 'execution_error' } });
    const later = await attempt(defineAction({ module, name, run: async () => thrower() }), {});
    expect(later).toMatchObject({ ok: false, error: { type: 'execution_error' } });
    const hooked = defineAction({ module, name, onBeforeValidateParams: thrower, run: () => 1 });
    expect(await attempt(hooked, {})).toMatchObject({ ok: false, error: { type: 'execution_error' } });
  });

  it('A-6 a result that throws when looked at is a failure', () => {
    const run = () => unreadable();
    expect(attempt(defineAction({ module, name, run }), {})).toMatchObject({ ok: false });
  });

  it('A-6 a thrown HeddleError is the error itself', () => {
    const error = new HeddleError('limit_exceeded', 'too many');
    const run = (): never => {
      throw error;
    };
    expect(attempt(defineAction({ module, name, run }), {})).toEqual(fail(error));
  });

  it('A-5 refuses a generator from a plain function, naming what to write', async () => {
    function* steps() {
      yield 1;
    }
    const message = expect.stringMatching(
      /^Action act returned a generator from a plain function; .*\*run.*runtime\.coroutine.*runtime\.stream/,
    );
    const refused = { ok: false, error: { type: 'invalid_action', message } };
    expect(attempt(defineAction({ module, name, run: () => steps() as Iterable<number> }), {})).toMatchObject(refused);
    expect(await attempt(defineAction({ module, name, run: async () => steps() as Iterable<number> }), {})).toMatchObject(refused);
  });

  it('A-4 validates the output openly, filling defaults', () => {
    const outputSchema = Type.Object({ size: Type.Integer({ default: 1 }) });
    const run = () => ok({ extra: true }, 'next');
    expect(attempt(planned(run, outputSchema), {})).toEqual(ok({ extra: true, size: 1 }, 'next'));
  });

  it('A-4 keeps the directive when output validation fails', async () => {
    const outputSchema = Type.Object({ size: Type.Integer() });
    const error = { type: 'validation_error', message: 'Invalid output for action act: `/size` expected integer, got "x"' };
    for (const run of [() => ok({ size: 'x' }, 'next'), async () => ok({ size: 'x' }, 'next')]) {
      expect(await attempt(planned(run, outputSchema), {})).toMatchObject({ ok: false, directive: 'next', error });
    }
  });

  it('A-4 does not validate the output of a failure', () => {
    expect(
      attempt(
        planned(() => fail('no'), Type.Integer()),
        {},
      ),
    ).toEqual(fail('no'));
  });

  it('A-9 gives `run` the context', () => {
    const run = (_params: unknown, ctx: ActionContext) => ctx.taskId;
    expect(attempt(defineAction({ module, name, run }), {}, { ...idleContext, taskId: 'task-9' })).toEqual(ok('task-9'));
  });
});

/** An action whose run need not fit its output schema. */
const planned = (run: () => unknown, outputSchema: unknown) => ({ name, run, hooks: {}, outputSchema });

describe('an attempt with hooks', () => {
  it('A-4 goes before, validate, after, run, after run, validate output, after output', async () => {
    const notes: string[] = [];
    expect(await attempt(noting(notes), {})).toEqual(ok('filled'));
    expect(notes).toEqual(['before {}', 'after {"n":1}', 'run {"n":1}', 'ran undefined', 'output "filled"']);
  });

  it('A-4 a hook may replace the value, by a value, an outcome or a promise', async () => {
    const notes: string[] = [];
    const results = {
      before: () => ({ n: 2 }),
      after: async () => ({ n: 3 }),
      run: () => 'ran',
      ran: () => ok('reviewed'),
      output: async () => ok('final'),
    };
    expect(await attempt(noting(notes, results), {})).toEqual(ok('final'));
    expect(notes).toEqual(['before {}', 'after {"n":2}', 'run {"n":3}', 'ran "ran"', 'output "reviewed"']);
  });

  it('A-4 undefined keeps the value; `ok(undefined)`, null and false-like values replace it', async () => {
    const afterRun = (result: unknown) => noting([], { run: () => 'kept', ran: () => result });
    expect(await attempt(afterRun(undefined), {})).toEqual(ok('kept'));
    expect(await attempt(afterRun(null), {})).toEqual(ok(null));
    expect(await attempt(afterRun(0), {})).toEqual(ok(0));
    expect(await attempt(afterRun(''), {})).toEqual(ok(''));
    expect(await attempt(afterRun(ok(undefined)), {})).toEqual(ok('filled'));
  });

  it.each([
    ['before', 1],
    ['after', 2],
    ['run', 3],
    ['ran', 4],
    ['output', 5],
  ])('A-4 a failure in %s stops the rest', async (part, count) => {
    const failures = [
      () => fail('stop'),
      async () => fail('stop'),
      () => {
        throw new Error('stop');
      },
      async () => {
        throw new Error('stop');
      },
    ];
    for (const failure of failures) {
      const notes: string[] = [];
      const outcome = await attempt(noting(notes, { [part]: failure }), {});
      expect(outcome).toMatchObject({ ok: false, error: { type: 'execution_error', message: 'stop' } });
      expect(notes).toHaveLength(count);
    }
  });

  it('A-4 validates what onBeforeValidateParams made, and what came before it may be invalid', async () => {
    const notes: string[] = [];
    const mended = await attempt(noting(notes, { before: () => ({ n: 5 }), run: () => 'ran' }), { n: 'five' });
    expect(mended).toEqual(ok('ran'));
    const spoilt = await attempt(noting([], { before: () => ({ n: 'x' }) }), { n: 5 });
    expect(spoilt).toMatchObject({ ok: false, error: { type: 'validation_error', details: { what: 'params' } } });
  });

  it.each(['before', 'after', 'run', 'ran', 'output'])('A-5 keeps the directive that %s gave, to the end', async (part) => {
    const given = { before: { n: 1 }, after: { n: 1 }, run: 'x', ran: 'x', output: 'x' }[part];
    const outcome = await attempt(noting([], { [part]: () => ok(given, 'next') }), {});
    expect(outcome).toMatchObject({ ok: true, directive: 'next' });
  });

  it.each([
    ['before', 'run'],
    ['after', 'run'],
    ['run', 'ran'],
    ['run', 'output'],
    ['ran', 'output'],
  ])('A-5 keeps the directive of %s when %s fails or throws', async (part, failing) => {
    const given = { before: { n: 1 }, after: { n: 1 } }[part] ?? 'x';
    const thrower = () => {
      throw new Error('no');
    };
    for (const failure of [() => fail('no'), thrower]) {
      const outcome = await attempt(noting([], { [part]: () => ok(given, 'next'), [failing]: failure }), {});
      expect(outcome).toMatchObject({ ok: false, directive: 'next', error: { message: 'no' } });
    }
  });

  it('A-5 the directive of a failure wins over an earlier one', async () => {
    const results = { run: () => ok('x', 'first'), ran: () => fail('no', 'second') };
    expect(await attempt(noting([], results), {})).toMatchObject({ ok: false, directive: 'second' });
  });

  it('A-4 keeps the directive when output validation fails after a hook', async () => {
    const action = {
      name,
      run: () => ok('x', 'next'),
      hooks: { onAfterRun: () => undefined },
      outputSchema: Type.Integer(),
    };
    expect(await attempt(action, {})).toMatchObject({ ok: false, directive: 'next', error: { type: 'validation_error' } });
  });

  it('A-4 an onError alone leaves the attempt on its synchronous way', () => {
    const action = defineAction({ module, name, run: () => 1, onError: () => {} });
    expect(attempt(action, {})).toEqual(ok(1));
  });
});
