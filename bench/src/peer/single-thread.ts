import { parentPort, workerData } from 'node:worker_threads';
import type { SingleMessage, ThreadData } from './threads.ts';

// A hand-written worker: one message, one answer.
const { file, name } = workerData as ThreadData; // written by `openThread`
const { [name]: run } = (await import(file)) as Readonly<Record<string, (params: unknown) => unknown>>;
if (run === undefined) throw new Error(`${file} exports no ${name}`);
const call = run;
parentPort?.on('message', ({ id, value }: SingleMessage) => {
  parentPort?.postMessage({ id, value: call(value) } satisfies SingleMessage);
});
parentPort?.postMessage('ready');
