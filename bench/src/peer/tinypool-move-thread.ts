import { Tinypool } from 'tinypool';
import { loadRun, type ThreadData } from './thread-data.ts';

const run = await loadRun(Tinypool.workerData as ThreadData); // written by `openTinypool`

/** The work, its result marked as one to be moved. */
export function runMoving(params: ArrayBuffer): unknown {
  return Tinypool.move(run(params) as ArrayBuffer); // work that moves gives what it is given
}
