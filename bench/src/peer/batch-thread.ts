import { parentPort, workerData } from 'node:worker_threads';
import type { BatchMessage, ThreadData } from './threads.ts';

// A hand-written worker: takes lists of params, answers lists of values.
const { file, name } = workerData as ThreadData; // written by `openThread`
const { [name]: run } = (await import(file)) as Readonly<Record<string, (params: unknown) => unknown>>;
if (run === undefined) throw new Error(`${file} exports no ${name}`);
const call = run;
parentPort?.on('message', ({ id, list }: BatchMessage) => {
  parentPort?.postMessage({ id, list: list.map((params) => call(params)) } satisfies BatchMessage);
});
parentPort?.postMessage('ready');
