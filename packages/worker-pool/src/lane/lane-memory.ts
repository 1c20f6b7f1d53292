import type { HeapInfo } from 'node:v8';
import type { LaneMemory } from './thread-pool.ts';

/** What V8 says of one heap, as lanes tell it. */
export function memoryOf(heap: HeapInfo): LaneMemory {
  return {
    heapUsedBytes: heap.used_heap_size,
    heapTotalBytes: heap.total_heap_size,
    heapLimitBytes: heap.heap_size_limit,
    externalBytes: heap.external_memory,
  };
}
