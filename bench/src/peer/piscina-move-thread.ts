import { move, workerData } from 'piscina';
import { loadRun, type ThreadData } from './thread-data.ts';

const run = await loadRun(workerData as ThreadData); // written by `openPiscina`

/** The work, its result marked as one to be moved. */
export function runMoving(params: ArrayBuffer): unknown {
  return move(run(params) as ArrayBuffer); // work that moves gives what it is given
}
