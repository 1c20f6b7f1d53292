// `npm run faults`: tries each fault of the battery on Heddle and on other pools, each in a process of its own with a limit, and writes
// what held into `docs/guarantees.md` and `bench/results/faults.json`. Arguments: names of pools or ids of faults, to try those alone.
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { at, build, install } from './workspace.mjs';

const LIMIT_MS = 45_000;
const AT_ONCE = 2;

install();
const code = process.argv.includes('--built') ? 0 : build();
if (code !== 0) process.exit(code);

const { FAULTS } = await import('../test/faults/catalogue.mjs');
const { PEERS, versionOf } = await import('../test/faults/peers/adapters.mjs');
const { TRIALS, NOT_TRIED } = await import('../test/faults/peers/trials.mjs');
const { cellOf, inserted, tableOf } = await import('../test/faults/peers/table.mjs');
const ONE = at('test/faults/peers/one.mjs');
const JSON_FILE = at('bench/results/faults.json');
const PAGE = at('docs/guarantees.md');

/**
 * @param {string} peer
 * @param {string} fault
 * @returns {Promise<import('../test/faults/peers/table.mjs').Held>}
 */
function tryOne(peer, fault) {
  return new Promise((resolve) => {
    /** @type {Record<string, boolean>} */
    const held = {};
    let done = false;
    const child = fork(ONE, [peer, fault], { silent: true, execArgv: [] });
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.on('message', (message) => {
      if (message === 'done') done = true;
      // What was broken once stays broken.
      else
        for (const [name, holds] of Object.entries(/** @type {Record<string, boolean>} */ (message)))
          held[name] = holds && held[name] !== false;
    });
    child.once('exit', (_code, signal) => {
      clearTimeout(limit);
      // By our own limit it hung; else it died before it was done.
      if (!done) Object.assign(held, signal === 'SIGKILL' && fault !== 'kill' ? { settles: false } : { survives: false });
      resolve(held);
    });
  });
}

/** @param {string} peer @param {string} fault */
function isTried(peer, fault) {
  const trial = TRIALS[fault];
  const { stops, transfers } = PEERS[peer] ?? { stops: '', transfers: false };
  return trial !== undefined && !(trial.needs === 'stops' && stops === '') && !(trial.needs === 'transfers' && !transfers);
}

const untold = FAULTS.filter(({ id }) => TRIALS[id] === undefined && !(id in NOT_TRIED));
if (untold.length > 0) throw new Error(`No trial, and no word why: ${untold.map(({ id }) => id).join(', ')}`);

const only = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const isAsked = (/** @type {string} */ peer, /** @type {string} */ fault) =>
  (!only.some((name) => name in PEERS) || only.includes(peer)) && (!only.some((name) => !(name in PEERS)) || only.includes(fault));
const before = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : { results: {} };
/** @type {import('../test/faults/peers/table.mjs').Report['results']} */
const results = only.length === 0 ? {} : before.results;
const work = FAULTS.flatMap(({ id }) => Object.keys(PEERS).map((peer) => /** @type {const} */ ([peer, id]))).filter(([peer, id]) =>
  isAsked(peer, id),
);

async function next() {
  for (let job = work.shift(); job !== undefined; job = work.shift()) {
    const [peer, fault] = job;
    const row = results[fault] ?? {};
    results[fault] = row;
    // What no trial covers, the battery itself tries on Heddle: its tests have to pass.
    if (isTried(peer, fault)) row[peer] = await tryOne(peer, fault);
    else row[peer] = peer === 'heddle' ? {} : null;
    console.log(`${fault} on ${peer}: ${cellOf(row[peer])}`);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, next));

const peers = Object.entries(PEERS).map(([name, { stops }]) => ({ name, version: versionOf(name), stops }));
const report = { node: process.versions.node, peers, results: Object.fromEntries(FAULTS.map(({ id }) => [id, results[id] ?? {}])) };
mkdirSync(at('bench/results'), { recursive: true });
writeFileSync(JSON_FILE, `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(PAGE, inserted(readFileSync(PAGE, 'utf8'), tableOf(report)));
