import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { transfer, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { type ThreadData, threadDataOf } from './thread-data.ts';

/** Calls of one worker; whoever wants more threads writes a pool around it. */
export const comlink: Peer = {
  name: 'comlink-one-worker',
  summary: 'comlink, one worker whatever is asked for',
  package: 'comlink',
  unsupported: { threads: 'has one thread' },
  remarks: { calls: 'has one thread' },
  open: openComlink,
};

async function openComlink<P, V>(work: Work<P, V>): Promise<OpenPeer<P, V>> {
  const worker = new Worker(new URL('./comlink-thread.js', import.meta.url), { workerData: threadDataOf(work) satisfies ThreadData });
  await once(worker, 'message');
  const { run } = wrap<{ run(params: unknown): Promise<unknown> }>(nodeEndpoint(worker));
  return {
    run: (params) => {
      const list = transferOf(work, params);
      return run(list === undefined ? params : transfer(params, list));
    },
    valueOf: (settled) => settled as V, // what the work's function gave
    async close() {
      await worker.terminate();
    },
  };
}
