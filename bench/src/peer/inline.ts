import type { Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { loadRun } from './thread-data.ts';

/** No thread at all: what is lost by going to one, and what is blocked by not going. */
export const inline: Peer = {
  name: 'inline',
  summary: 'the same function, called on the main thread',
  unsupported: { transfer: 'has nowhere to move anything to', threads: 'has no thread' },
  remarks: { calls: 'runs on the main thread: nothing is copied, and nothing else runs meanwhile' },
  open: openInline,
};

async function openInline<P, V>(work: Work<P, V>): Promise<OpenPeer<P, V>> {
  const call = await loadRun(work);
  return {
    run: async (params) => call(params),
    valueOf: (settled) => settled as V, // what the work's function gave
    async close() {},
  };
}
