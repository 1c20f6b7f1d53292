import { workerData } from 'node:worker_threads';
import workerpool from 'workerpool';
import { loadRun, type ThreadData } from './thread-data.ts';

const { moves, ...work } = workerData as ThreadData; // written by `openWorkerPool`
const run = await loadRun(work);

workerpool.worker({
  run(params: unknown): unknown {
    const value = run(params);
    return moves ? new workerpool.Transfer(value as ArrayBuffer, [value as ArrayBuffer]) : value; // work that moves gives what it is given
  },
});
