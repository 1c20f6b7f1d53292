import { parentPort, workerData } from 'node:worker_threads';
import { expose, transfer } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { loadRun, type ThreadData } from './thread-data.ts';

const { moves, ...work } = workerData as ThreadData; // written by `openComlink`
if (parentPort === null) throw new Error('this is the file of a thread');
const call = await loadRun(work);

expose(
  {
    run(params: unknown): unknown {
      const value = call(params);
      return moves ? transfer(value, [value as ArrayBuffer]) : value; // work that moves gives what it is given
    },
  },
  nodeEndpoint(parentPort),
);
parentPort.postMessage('up');
