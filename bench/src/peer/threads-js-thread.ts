import { workerData } from 'node:worker_threads';
import { expose, Transfer } from 'threads/worker';
import { loadRun, type ThreadData } from './thread-data.ts';

const { moves, ...work } = workerData as ThreadData; // written by `openThreadsJs`
const run = await loadRun(work);

expose((params: unknown): unknown => {
  const value = run(params);
  return moves ? Transfer(value, [value as ArrayBuffer]) : value; // work that moves gives what it is given
});
