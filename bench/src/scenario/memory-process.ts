import { drive } from '../measure/drive.ts';
import { PEERS } from '../peer/all.ts';
import { orderAt } from '../work/order.ts';
import { orderWork } from '../work/order-work.ts';

/** What one process is to do; a peer that is not known is nobody. */
export interface MemoryOrder {
  readonly peer: string;
  readonly threads: number;
  readonly calls: number;
}

/** What it took. Bytes. */
export interface MemoryReading {
  /** Of the process, when the threads are up and the work is loaded. */
  readonly openBytes: number;
  /** Of the process, the most there was. */
  readonly peakBytes: number;
  /** Of the main thread, after a collection. */
  readonly heapBytes: number;
}

const { peer: name, threads, calls } = JSON.parse(process.argv[2] ?? '{}') as MemoryOrder; // written by `readMemory`
const params = Array.from({ length: 1024 }, (_, index) => orderAt(index));
const open = await PEERS.find((peer) => peer.name === name)?.open(orderWork, threads);
// One call a thread: it answers when its thread is up.
if (open !== undefined) await drive({ peer: open, work: orderWork, params }, threads, threads);
const openBytes = process.memoryUsage().rss;
if (open !== undefined) await drive({ peer: open, work: orderWork, params }, calls, 256);
globalThis.gc?.();
const reading: MemoryReading = {
  openBytes,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  heapBytes: process.memoryUsage().heapUsed,
};
process.send?.(reading);
await open?.close();
process.disconnect();
