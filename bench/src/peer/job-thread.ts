import { parentPort, workerData } from 'node:worker_threads';
import type { JobThreadData } from './job-split.ts';

// A hand-written worker: takes a list of params, works through it, answers all values in one message.
const { file, name } = workerData as JobThreadData; // written by `openJobSplit`
const { [name]: run } = (await import(file)) as Readonly<Record<string, (params: unknown) => unknown>>;
if (run === undefined) throw new Error(`${file} exports no ${name}`);
const call = run;
parentPort?.on('message', async (list: readonly unknown[]) => {
  const values: unknown[] = [];
  for (const params of list) values.push(await call(params));
  parentPort?.postMessage(values);
});
parentPort?.postMessage('ready');
