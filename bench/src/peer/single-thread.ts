import { parentPort, workerData } from 'node:worker_threads';
import { loadRun, type ThreadData } from './thread-data.ts';
import type { SingleMessage } from './threads.ts';

// A hand-written worker: one message, one answer.
const { moves, ...work } = workerData as ThreadData; // written by `openThreads`
const run = await loadRun(work);
parentPort?.on('message', ({ id, value: params }: SingleMessage) => {
  const value = run(params);
  parentPort?.postMessage({ id, value } satisfies SingleMessage, moves ? [value as ArrayBuffer] : []); // work that moves gives what it is given
});
parentPort?.postMessage('ready');
