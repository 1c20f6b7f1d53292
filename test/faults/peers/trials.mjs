// How each fault of the catalogue is tried on any pool. What is not here has nothing to be tried on others: see `NOT_TRIED`.
import { setTimeout as sleep } from 'node:timers/promises';
import { revoked, unreadable, withThrowing } from '../fixtures/bodies.mjs';

/** @typedef {import('./adapters.mjs').Pool} Pool */
/** @typedef {import('./adapters.mjs').RunOptions} RunOptions */

/**
 * @typedef {object} Call
 * @property {string} name
 * @property {unknown} [params]
 * @property {RunOptions} [options]
 */

/**
 * @typedef {object} Trial
 * @property {'stops' | 'transfers'} [needs] a feature without which there is nothing to try
 * @property {(context: { native: string }) => readonly Call[]} [calls] tasks at fault, one after the other
 * @property {unknown} [value] what they must give; without it they must fail
 * @property {true} [either] that they settle is all: what they have harmed is their own
 * @property {(error: any) => boolean} [typed] whether an error tells what it was, without its text being read
 * @property {(pool: Pool) => Promise<readonly unknown[]>} [race] instead of calls: answers errors and values of all tasks, settled
 * @property {boolean} [closes] the race closes the pool: there is no next task
 * @property {(good: (text: string) => string) => { readonly bad: string, readonly first?: string }} [file] a module at fault
 */

const codes = (/** @type {any} */ error) => [error?.code, error?.cause?.code, error?.name, error?.cause?.name, error?.type];
const has =
  (/** @type {string[]} */ ...wanted) =>
  (/** @type {any} */ error) =>
    codes(error).some((code) => wanted.includes(code));
/** Something says that it was no ordinary error of the task's own. */
const told = (/** @type {any} */ error) =>
  codes(error).some(
    (code) => typeof code === 'string' && !['Error', 'Object', 'execution_error'].includes(code) && code !== 'ERR_HEDDLE_EXECUTION_ERROR',
  );
const says = (/** @type {string} */ text) => (/** @type {any} */ error) => String(error?.message).includes(text);
const any = () => true;
const stopped = has('AbortError', 'TimeoutError', 'CancellationError', 'timeout', 'cancelled', 'ABORT_ERR');

const one =
  (/** @type {string} */ name, /** @type {unknown} */ params = {}, /** @type {RunOptions} */ options = {}) =>
  () => [{ name, params, options }];
const all = (/** @type {string} */ name, /** @type {readonly string[]} */ whats) => () => whats.map((what) => ({ name, params: { what } }));
const circle = () => {
  const round = /** @type {Record<string, unknown>} */ ({});
  round['self'] = [round];
  return round;
};
const BROKEN = 'export const x = ;\n';
const settle = async (/** @type {readonly Promise<unknown>[]} */ promises) =>
  (await Promise.allSettled(promises)).map((end) => (end.status === 'fulfilled' ? end.value : end.reason));

/** @type {Readonly<Record<string, Trial>>} */
export const TRIALS = {
  heap: { calls: one('eatsHeap'), typed: told },
  stack: { calls: one('overflows'), typed: has('RangeError') },
  exit: { calls: one('exits'), typed: told },
  'exit-later': { calls: one('exitsLater'), typed: told },
  abort: { calls: one('aborts'), typed: has('ERR_WORKER_UNSUPPORTED_OPERATION') },
  kill: { calls: one('kills'), typed: told },
  loop: { needs: 'stops', calls: one('spins', {}, { timeoutMs: 100 }), typed: stopped },
  regex: { needs: 'stops', calls: one('backtracks', {}, { timeoutMs: 100 }), typed: stopped },
  never: { needs: 'stops', calls: one('never', {}, { timeoutMs: 100 }), typed: stopped },
  native: {
    needs: 'stops',
    calls: ({ native }) => [{ name: 'blocksNatively', params: { file: native }, options: { timeoutMs: 100 } }],
    typed: stopped,
  },
  'error-during': { calls: one('throwsInTimer'), typed: says('in a timer') },
  'rejection-during': { calls: one('rejectsFloating'), typed: says('floating') },
  'error-after': { calls: one('throwsLate'), value: 'returned' },
  'rejection-after': { calls: one('rejectsLate'), value: 'returned' },
  falsy: { calls: all('throwsValue', ['undefined', 'null', 'zero', 'empty', 'nan', 'false']), typed: any },
  odd: { calls: all('throwsValue', ['symbol', 'function', 'frozen', 'unreadable', 'revoked']), typed: any },
  getters: { calls: all('throwsValue', ['getters']), typed: any },
  rich: { calls: all('throwsValue', ['rich']), typed: has('E_MANY') },
  'params-hostile': {
    calls: () =>
      [withThrowing({}, ['secret']), { inside: unreadable() }, { inside: revoked() }].map((params) => ({ name: 'echo', params })),
    typed: any,
  },
  'results-hostile': { calls: all('returnsValue', ['secret', 'unreadable', 'revoked']), typed: any },
  'params-uncloneable': {
    calls: () => [{ fn() {} }, { later: Promise.resolve() }].map((params) => ({ name: 'echo', params })),
    typed: has('DataCloneError', 'uncloneable'),
  },
  'results-uncloneable': { calls: all('returnsValue', ['function', 'promise', 'weakMap']), typed: has('DataCloneError', 'uncloneable') },
  circular: {
    race: async (pool) => [
      await pool.run('echo', circle()),
      await pool.run('throwsValue', { what: 'circularError' }).catch((error) => error),
    ],
  },
  'transfer-detached': {
    needs: 'transfers',
    race: async (pool) => {
      const data = new Uint8Array(8);
      const send = () => pool.run('measures', { data }, { transfer: [data.buffer] });
      return [await send(), ...(await settle([send()]))];
    },
  },
  'transfer-duplicate': {
    needs: 'transfers',
    calls: () => {
      const data = new Uint8Array(8);
      return [{ name: 'measures', params: { data }, options: { transfer: [data.buffer, data.buffer] } }];
    },
    typed: has('DataCloneError', 'uncloneable'),
  },
  'prototype-keys': {
    race: async (pool) => {
      const ends = [
        await pool.run('echo', JSON.parse('{"__proto__":{"polluted":1}}')),
        ...(await settle([pool.run('throwsValue', { what: 'protoError' })])),
      ];
      if ('polluted' in {}) throw new Error('Object.prototype has learnt something');
      return ends;
    },
  },
  'module-missing': { file: () => ({ bad: "import './not-there.mjs';\n" }) },
  'module-syntax': { file: () => ({ bad: BROKEN }) },
  'module-throws': { file: (good) => ({ bad: `throw new Error('at load');\n${good("'good'")}` }) },
  'module-hangs': { needs: 'stops', file: (good) => ({ bad: `await new Promise(() => {});\n${good("'good'")}` }) },
  'module-export': { file: (good) => ({ bad: good("'good'").replaceAll(/\bx\b/g, 'other') }) },
  'module-circular': { file: (good) => ({ bad: `import { y } from './y.mjs';\n${good('y')}` }) },
  'module-mended': { file: () => ({ bad: BROKEN }) },
  'module-broken': { file: (good) => ({ first: good('process.exit(1)'), bad: BROKEN }) },
  'cancel-races': {
    needs: 'stops',
    race: (pool) =>
      settle(
        Array.from({ length: 200 }, async (_, index) => {
          const controller = new AbortController();
          const ended = pool.run('counts', { turns: index * 10 }, { signal: controller.signal });
          ended.catch(() => {});
          if (index % 3 === 1) await null;
          if (index % 3 === 2) await sleep(index / 20);
          controller.abort();
          return ended;
        }),
      ),
  },
  'close-loaded': {
    closes: true,
    race: async (pool) => {
      const tasks = ['spins', 'never', ...new Array(50).fill('echo')].map((name) => pool.run(name, {}));
      const ends = settle(tasks);
      await sleep(100);
      await pool.close();
      return ends;
    },
  },
  'close-twice': { closes: true, race: async (pool) => settle([pool.close(), pool.close(), pool.close()]) },
  'close-starting': {
    closes: true,
    race: async (pool) => {
      const ends = settle([pool.run('echo', {})]);
      await pool.close();
      return ends;
    },
  },
  'host-blocked': {
    needs: 'stops',
    race: async (pool) => {
      const memory = new SharedArrayBuffer(8);
      const words = new Int32Array(memory);
      const task = pool.run('waits', { memory }, { timeoutMs: 300 });
      while (Atomics.load(words, 1) === 0) await sleep(1);
      Atomics.store(words, 0, 1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
      const value = await task;
      if (value !== 'unharmed') throw new Error('it was not given its value');
      return [value];
    },
  },
  clock: {
    race: async (pool) => {
      const { now } = Date;
      Date.now = () => now() + 86_400_000;
      const ends = await settle([pool.run('echo', {})]);
      Date.now = now;
      return ends;
    },
  },
  'parent-port': { calls: one('abusesParentPort'), either: true },
  'lane-port': { calls: one('abusesNextPort'), either: true },
  globals: { calls: all('breaksGlobals', ['listeners']), value: 'broken' },
};

/** Why a fault has no trial: no other pool has what it is about. */
export const NOT_TRIED = {
  buffers: 'no other pool limits memory while a task runs',
  payload: 'no other pool looks at what crosses',
  'yields-hostile': 'no other pool has generators',
  'flood-yields': 'no other pool has generators',
  'flood-logs': 'no other pool has logs of tasks',
  'flood-progress': 'workerpool alone has events of tasks, and no bound on them is promised',
  'flood-console': 'left to Node by all others',
  listener: 'callbacks for each task are not there elsewhere',
  handles: 'no other pool has handles',
  outcomes: 'no other pool has outcomes',
};
