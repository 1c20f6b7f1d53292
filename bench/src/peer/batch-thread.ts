import { parentPort, workerData } from 'node:worker_threads';
import { loadRun, type ThreadData } from './thread-data.ts';
import type { BatchMessage } from './threads.ts';

// A hand-written worker: takes lists of params, answers lists of values.
const { moves, ...work } = workerData as ThreadData; // written by `openThreads` and `openStaticSplit`
const run = await loadRun(work);
parentPort?.on('message', ({ id, list: given }: BatchMessage) => {
  const list = given.map((params) => run(params));
  parentPort?.postMessage({ id, list } satisfies BatchMessage, moves ? (list as ArrayBuffer[]) : []); // work that moves gives what it is given
});
parentPort?.postMessage('ready');
