import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// The collector of this process, without a flag on its command line.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // what the flag exposes

/** Bytes of this thread's heap that somebody holds: after collections, between turns, until no more goes. */
export async function heldBytes(): Promise<number> {
  let held = Number.POSITIVE_INFINITY;
  for (let same = 0; same < 3; ) {
    // Finalizers and closing ports take turns of the loop.
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    collect();
    const { heapUsed } = process.memoryUsage();
    same = heapUsed < held - 1024 ? 0 : same + 1;
    held = Math.min(held, heapUsed);
  }
  return held;
}

/** The same at once, for code that cannot wait; less exact. */
export function heapAfterGc(): number {
  collect();
  collect();
  return getHeapStatistics().used_heap_size;
}
