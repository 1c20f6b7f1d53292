// One fault on one pool, in this process: `node one.mjs <pool> <fault>`. Tells its parent what holds, piece by piece, in case it dies.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PEERS } from './adapters.mjs';
import { TRIALS } from './trials.mjs';

/** @typedef {'settles' | 'one' | 'typed' | 'neighbours' | 'next' | 'survives'} Promised */

const HANG_MS = 8000;
const HANGS = Symbol('hangs');
const [peerName = '', faultId = ''] = process.argv.slice(2);
const peer = PEERS[peerName];
const trial = TRIALS[faultId];
if (peer === undefined || trial === undefined) throw new Error(`There is no trial of ${faultId} on ${peerName}`);

/** @param {Partial<Record<Promised, boolean>>} held */
const tell = (held) => void process.send?.(held);
/** @param {Promise<unknown>} promise */
const bounded = (promise) => {
  const over = new AbortController();
  return Promise.race([promise, sleep(HANG_MS, HANGS, { signal: over.signal })]).finally(() => over.abort());
};
/** @param {Promise<unknown>} promise @returns {Promise<{ ok: boolean, value?: unknown, error?: unknown, hangs?: boolean }>} */
const endOf = (promise) =>
  bounded(
    promise.then(
      (value) => ({ ok: true, value }),
      (error) => ({ ok: false, error }),
    ),
  ).then((end) => (end === HANGS ? { ok: false, hangs: true } : /** @type {any} */ (end)));

// What would end the process of a user who listens to nothing.
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => {
    console.error(event, error);
    tell({ survives: false });
  });

const folder = mkdtempSync(join(tmpdir(), 'heddle-faults-'));
const native = join(folder, 'done');

/** @param {import('./adapters.mjs').Pool} pool */
async function startNeighbour(pool) {
  const memory = new SharedArrayBuffer(8);
  const words = new Int32Array(memory);
  const ended = pool.run('holds', { memory });
  ended.catch(() => {});
  const end = performance.now() + HANG_MS;
  while (Atomics.load(words, 1) === 0 && performance.now() < end) await sleep(1);
  return {
    letGo() {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      return endOf(ended);
    },
  };
}

/** @param {import('./adapters.mjs').Pool} pool @param {import('./trials.mjs').Call} call */
async function tryCall(pool, { name, params, options }) {
  const end = await endOf(new Promise((resolve) => resolve(pool.run(name, params, options))));
  if (end.hangs === true) return tell({ settles: false });
  if ('value' in trial) tell({ one: end.ok && end.value === trial.value });
  else if (trial.either !== true) {
    if (end.ok) tell({ one: false });
    if (!end.ok && trial.typed?.(end.error) === false) tell({ typed: false });
  }
}

async function tryTasks() {
  const pool = await peer.open();
  await endOf(Promise.all([pool.run('echo', {}), pool.run('echo', {})]));
  const neighbour = trial.closes === true ? undefined : await startNeighbour(pool);
  if (trial.race !== undefined) {
    const end = await endOf(trial.race(pool));
    if (end.hangs === true) tell({ settles: false });
    else if (!end.ok) tell({ one: false });
  }
  for (const call of trial.calls?.({ native }) ?? []) await tryCall(pool, call);
  // What strikes late has struck by then.
  await sleep(100);
  if (neighbour !== undefined) {
    const { value } = await neighbour.letGo();
    tell({ neighbours: value === 'unharmed' });
    const next = await endOf(new Promise((resolve) => resolve(pool.run('echo', { n: 1 }))));
    tell({ next: next.ok && /** @type {any} */ (next.value)?.n === 1 });
  }
  writeFileSync(native, '');
  if (trial.closes !== true) await endOf(Promise.resolve(pool.close()));
}

/** A file at fault; then the same file, mended, on the same pool. */
async function tryFile() {
  const { bad, first } = trial.file?.(peer.source) ?? { bad: '' };
  const file = join(folder, 'x.mjs');
  writeFileSync(join(folder, 'y.mjs'), "import { x } from './x.mjs';\nexport const y = x.name;\n");
  writeFileSync(file, first ?? bad);
  let pool;
  try {
    pool = await peer.open(file);
    const opened = pool;
    if (first !== undefined) {
      await endOf(opened.run('x', {}));
      writeFileSync(file, bad);
    }
    const end = await endOf(new Promise((resolve) => resolve(opened.run('x', {}, peer.stops === '' ? {} : { timeoutMs: 3000 }))));
    if (end.hangs === true) tell({ settles: false });
    else if (end.ok) tell({ one: false });
    writeFileSync(file, peer.source("'good'"));
    const next = await endOf(new Promise((resolve) => resolve(opened.run('x', {}, peer.stops === '' ? {} : { timeoutMs: 3000 }))));
    tell({ next: next.ok && next.value === 'good' });
  } catch {
    tell({ next: false });
  }
  if (pool !== undefined) await endOf(Promise.resolve(pool.close()));
}

tell({ settles: true, one: true, survives: true, ...(trial.typed === undefined ? {} : { typed: true }) });
await (trial.file === undefined ? tryTasks() : tryFile());
rmSync(folder, { recursive: true, force: true });
process.send?.('done', () => process.exit());
