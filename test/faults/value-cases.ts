import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeddleError, type Outcome } from '@heddle/core';
import { expect } from 'vitest';
import type { FaultCase } from './fault.ts';
import * as actions from './fixtures/actions.mjs';
import { revoked, unreadable, withThrowing } from './fixtures/bodies.mjs';
import { tellsKeys } from './fixtures/keys.mjs';
import { HANG_MS, type World } from './world.ts';

const ONCE = { maxRetries: 0 } as const;

const thrown = (fault: FaultCase['fault'], what: string, message: RegExp): FaultCase[] =>
  [actions.throwsValue, actions.fails].map((action) => ({
    fault,
    of: `${what}, by \`${action.name}\``,
    cause: ({ runtime }) => runtime.run(action, { what }, {}, ONCE),
    expected: { type: 'execution_error', message },
  }));

const given = (fault: FaultCase['fault'], of: string, make: () => unknown, message: RegExp): FaultCase[] => [
  {
    fault,
    of: `params: ${of}`,
    cause: ({ runtime }) => runtime.run(actions.echo, { inside: make() }, {}, ONCE),
    expected: { type: 'uncloneable', message },
  },
  {
    fault,
    of: `context: ${of}`,
    cause: ({ runtime }) => runtime.run(actions.echo, {}, { inside: make() }, ONCE),
    expected: { type: 'uncloneable', message: new RegExp(message.source.replace('params', 'context')) },
  },
];

/** `await` asks a result for its `then`: one that answers nobody has failed, as in any async function. */
const ANSWERS_NOBODY: readonly string[] = ['unreadable', 'revoked'];

const returned = (fault: FaultCase['fault'], what: string): FaultCase[] => [
  {
    fault,
    of: what,
    cause: ({ runtime }) => runtime.run(actions.returnsValue, { what }, {}, ONCE),
    expected: ANSWERS_NOBODY.includes(what) ? { type: 'execution_error' } : { type: 'uncloneable', message: /`result/ },
  },
  {
    fault,
    of: `${what} as a directive`,
    cause: ({ runtime }) => runtime.run(actions.directs, { what }, {}, ONCE),
    expected: { type: 'uncloneable', message: /`directive/ },
  },
];

/** A `yield` that does not cross is thrown where it stands; the generator goes on, and its thread. */
const yielded = (what: string): FaultCase[] => [
  {
    fault: 'yields-hostile',
    of: `${what}, in a coroutine`,
    cause: async ({ runtime }): Promise<Outcome> => {
      const coroutine = runtime.coroutine(actions.yields, { what });
      const step = await coroutine.next(undefined, { timeoutMs: HANG_MS });
      return coroutine.outcome({ timeoutMs: HANG_MS }).then((outcome) => (step.kind === 'completed' ? outcome : Promise.reject(step)));
    },
    expected: { value: 'HeddleError' },
  },
  {
    fault: 'yields-hostile',
    of: `${what}, in a stream`,
    cause: async ({ runtime }): Promise<Outcome> => {
      const stream = runtime.stream(actions.yields, { what });
      const { done, value } = await stream.next();
      return runtime.run(actions.echo, { done, value });
    },
    expected: { value: { done: true, value: 'HeddleError' } },
  },
];

/** A round of objects that has kept its shape on the way. */
const round = (value: unknown): void => {
  const { self, name } = value as { self: unknown[]; name: string };
  expect(name).toBe('round');
  expect(self[0]).toBe(value);
};

async function transfersTwice({ runtime }: World): Promise<Outcome> {
  const data = new Uint8Array(8);
  const first = runtime.run(actions.measures, { data }, {}, { ...ONCE, transfer: [data.buffer] });
  expect(await first).toMatchObject({ ok: true, value: 8 });
  return runtime.run(actions.measures, { data }, {}, { ...ONCE, transfer: [data.buffer] });
}

const KEYS = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}';
const keys = (): Record<string, unknown> => JSON.parse(KEYS) as Record<string, unknown>; // the text above

/** No object of this thread has learnt anything. */
const clean = async (): Promise<void> => {
  for (const value of [{}, [], () => {}, new Error('clean'), new HeddleError('closed', 'clean')]) expect('polluted' in value).toBe(false);
};

const HEDDLE = fileURLToPath(new URL('../../packages/cli/bin/heddle.js', import.meta.url));
const KEYS_FILE = fileURLToPath(new URL('./fixtures/keys.mjs', import.meta.url));

/** The values that `heddle batch` gives for the rows of a file. */
function batch(name: string, text: string): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-faults-'));
  writeFileSync(join(folder, name), text);
  execFileSync(process.execPath, [HEDDLE, 'batch', KEYS_FILE, name, '-o', 'out.ndjson', '--threads', '1'], { cwd: folder, stdio: 'pipe' });
  const rows = readFileSync(join(folder, 'out.ndjson'), 'utf8').trim().split('\n');
  rmSync(folder, { recursive: true });
  return rows.map((row) => (JSON.parse(row) as { value: unknown }).value); // as the command writes them
}

const keyCases: readonly FaultCase[] = [
  ...Object.entries({ 'in.ndjson': `${KEYS}\n`, 'in.csv': '__proto__,constructor\n1,2\n' }).map(
    ([name, text]): FaultCase => ({
      fault: 'prototype-keys',
      of: `rows of ${name}`,
      cause: async ({ runtime }) => runtime.run(actions.echo, { rows: batch(name, text) }),
      expected: { value: { rows: [{ params: ['__proto__', 'constructor', 'count'], context: [], polluted: [null, null] }] } },
      after: clean,
    }),
  ),
  {
    fault: 'prototype-keys',
    of: 'params, context, a schema with defaults',
    cause: ({ runtime }) => runtime.run(tellsKeys, keys(), keys(), ONCE),
    expected: {
      value: { params: ['__proto__', 'constructor', 'count'], context: ['__proto__', 'constructor'], polluted: [undefined, undefined] },
    },
    after: clean,
  },
  {
    fault: 'prototype-keys',
    of: 'results',
    cause: async ({ runtime }) => {
      const outcome = await runtime.run(actions.returnsValue, { what: 'proto' }, {}, ONCE);
      if (!outcome.ok) return outcome;
      expect(Object.getPrototypeOf(outcome.value)).toBe(Object.prototype);
      return runtime.run(actions.echo, { text: JSON.stringify(outcome.value) });
    },
    expected: { value: { text: KEYS } },
    after: clean,
  },
  {
    fault: 'prototype-keys',
    of: 'an error that is thrown',
    cause: ({ runtime }) => runtime.run(actions.throwsValue, { what: 'protoError' }, {}, ONCE),
    expected: { type: 'execution_error', message: /^keys$/ },
    after: clean,
  },
  {
    fault: 'prototype-keys',
    of: 'an error that is returned, with a directive',
    cause: ({ runtime }) => runtime.run(actions.fails, { what: 'protoError' }, {}, ONCE),
    expected: { type: 'execution_error', message: /^keys$/ },
    after: clean,
  },
  {
    fault: 'prototype-keys',
    of: 'options',
    cause: async ({ runtime }) => {
      const options = JSON.parse('{"__proto__":{"timeoutMs":0},"maxRetries":0}') as object; // the text beside it
      const refused = await runtime.run(actions.echo, {}, {}, options).then(
        () => 'accepted',
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ type: 'invalid_input', message: expect.stringContaining('__proto__') });
      return runtime.run(actions.echo, { after: 'options' });
    },
    expected: { value: { after: 'options' } },
    after: clean,
  },
];

/** What crosses between threads, and what is thrown. */
export const VALUE_CASES: readonly FaultCase[] = [
  ...thrown('falsy', 'undefined', /`undefined`, which is no Error/),
  ...thrown('falsy', 'null', /`null`/),
  ...thrown('falsy', 'zero', /`0`/),
  ...thrown('falsy', 'nan', /`NaN`/),
  ...thrown('falsy', 'false', /`false`/),
  ...thrown('falsy', 'empty', /an empty string/),
  ...thrown('odd', 'symbol', /a symbol/),
  ...thrown('odd', 'function', /a function/),
  ...thrown('odd', 'frozen', /^frozen$/),
  ...thrown('odd', 'unreadable', /cannot be read/),
  ...thrown('odd', 'revoked', /cannot be read/),
  ...thrown('getters', 'getters', /cannot be read/),
  {
    fault: 'rich',
    cause: async ({ runtime }) => {
      const outcome = await runtime.run(actions.throwsValue, { what: 'rich' }, {}, ONCE);
      const cause = outcome.ok ? undefined : outcome.error.cause;
      expect(cause).toMatchObject({ name: 'AggregateError', message: 'many', code: 'E_MANY', data: { rows: [1, 2] } });
      expect((cause as AggregateError).errors.map(String)).toEqual(['TypeError: first', 'RangeError: second']); // as asserted above
      expect((cause as Error).cause).toMatchObject({ name: 'SyntaxError', message: 'behind it' });
      return outcome;
    },
    expected: { type: 'execution_error', message: /^many$/ },
  },
  ...given('params-hostile', 'a getter that throws', () => withThrowing({}, ['secret']), /`params\.inside\.secret`/),
  ...given('params-hostile', 'a proxy whose traps throw', unreadable, /`params\.inside`/),
  ...given('params-hostile', 'a revoked proxy', revoked, /`params\.inside`/),
  ...['unreadable', 'revoked'].map(
    (kind): FaultCase => ({
      fault: 'params-hostile',
      of: `params themselves: ${kind}`,
      cause: ({ runtime }) => runtime.run(actions.echo, kind === 'revoked' ? revoked() : unreadable(), {}, ONCE),
      expected: { type: 'invalid_input', message: /Invalid params type/ },
    }),
  ),
  ...given('params-uncloneable', 'a function', () => () => {}, /`params\.inside`/),
  ...given('params-uncloneable', 'a symbol', () => Symbol('s'), /`params\.inside`/),
  ...given('params-uncloneable', 'a promise', () => Promise.resolve(), /`params\.inside`/),
  ...given('params-uncloneable', 'a WeakMap', () => new WeakMap(), /`params\.inside`/),
  ...['unreadable', 'revoked', 'secret'].flatMap((what) => returned('results-hostile', what)),
  ...['function', 'symbol', 'nested', 'promise', 'weakMap'].flatMap((what) => returned('results-uncloneable', what)),
  ...['unreadable', 'revoked', 'secret', 'function', 'promise'].flatMap(yielded),
  {
    fault: 'circular',
    of: 'params and results',
    cause: async ({ runtime }) => {
      const given: Record<string, unknown> = { name: 'round' };
      given['self'] = [given];
      const outcome = await runtime.run(actions.echo, given, {}, ONCE);
      if (!outcome.ok) return outcome;
      round(outcome.value);
      return runtime.run(actions.echo, { round: true });
    },
    expected: { value: { round: true } },
  },
  ...['params', 'a result'].map(
    (what): FaultCase => ({
      fault: 'circular',
      of: `an error among ${what}`,
      // Newer Nodes clone it; Node 20 sends it, and cannot read it again.
      cause: async ({ runtime }) => {
        const error = new Error('round');
        error.cause = Object.assign(new Error('and round'), { cause: error });
        const outcome =
          what === 'params'
            ? await runtime.run(actions.echo, { error }, {}, ONCE)
            : await runtime.run(actions.returnsValue, { what: 'circularErrorInside' }, {}, ONCE);
        if (!outcome.ok) expect(outcome.error.type).toMatch(/^(uncloneable|worker_lost)$/);
        return runtime.run(actions.echo, { round: true });
      },
      expected: { value: { round: true } },
    }),
  ),
  {
    fault: 'circular',
    of: 'an error',
    cause: async ({ runtime }) => {
      const outcome = await runtime.run(actions.throwsValue, { what: 'circularError' }, {}, ONCE);
      expect(JSON.stringify(outcome)).toContain('and round');
      return outcome;
    },
    expected: { type: 'execution_error', message: /^round$/ },
  },
  {
    fault: 'circular',
    of: 'a thrown object',
    cause: ({ runtime }) => runtime.run(actions.throwsValue, { what: 'circle' }, {}, ONCE),
    expected: { type: 'execution_error' },
  },
  {
    fault: 'transfer-detached',
    cause: transfersTwice,
    expected: { type: 'uncloneable', message: /`transfer\[0\]` was transferred before/ },
  },
  {
    fault: 'transfer-detached',
    of: 'by its action, in a result',
    cause: ({ runtime }) => runtime.run(actions.movesTwice, {}, {}, ONCE),
    expected: { type: 'uncloneable', message: /`transfer\[0\]` was transferred before/ },
  },
  {
    fault: 'transfer-duplicate',
    cause: ({ runtime }) => {
      const data = new Uint8Array(8);
      return runtime.run(actions.measures, { data }, {}, { ...ONCE, transfer: [data.buffer, data.buffer] });
    },
    expected: { type: 'uncloneable', message: /`transfer\[1\]` stands in it twice/ },
  },
  ...keyCases,
];
