import { workerData } from 'node:worker_threads';
import { ThreadWorker } from 'poolifier';
import { loadRun, type ThreadData } from './thread-data.ts';

const run = await loadRun(workerData as ThreadData); // written by `openPoolifier`

new ThreadWorker<unknown, unknown>((params) => run(params));
