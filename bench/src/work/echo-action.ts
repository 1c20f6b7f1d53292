import { threadId } from 'node:worker_threads';
import { type CoroutineAction, defineAction } from '@heddle/core';
import { echoing, echoingAsync } from './echo.ts';

const module: string = import.meta.url;

export const echoes: CoroutineAction<object, unknown, number, unknown> = defineAction({
  module,
  name: 'echoes',
  run: echoing,
});

export const echoesAsync: CoroutineAction<object, unknown, number, unknown> = defineAction({
  module,
  name: 'echoesAsync',
  run: echoingAsync,
});

/** What one thread holds. */
export interface ThreadHeap {
  readonly threadId: number;
  /** Of this thread alone, after a full collection. */
  readonly bytes: number;
}

/** Says at each step what its own thread holds: a scout among many that hold something there. */
export const weighsThread: CoroutineAction<object, ThreadHeap, void, unknown> = defineAction({
  module,
  name: 'weighsThread',
  *run(): Generator<ThreadHeap, void, unknown> {
    for (;;) {
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      yield { threadId, bytes: heapUsed + external };
    }
  },
});
