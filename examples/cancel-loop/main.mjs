import { createRuntime } from 'heddle';
import { findNonce } from './find-nonce.mjs';

const runtime = createRuntime();

const found = await runtime.run(findNonce, { text: 'heddle', zeros: 4 });
console.log('4 zeros:', found.ok ? found.value.hash.slice(0, 8) : found.error.message);

// 64 zeros will not be found in this universe's time. The first sign of life is the moment to cancel.
const ref = runtime.start(
  findNonce,
  { text: 'heddle', zeros: 64 },
  {},
  {
    timeoutMs: Number.POSITIVE_INFINITY,
    onProgress: () => void runtime.cancel(ref, 'nobody has that long'),
  },
);
const cancelled = await runtime.await(ref, Number.POSITIVE_INFINITY);
console.log('64 zeros:', cancelled.ok ? cancelled.value.hash : cancelled.error.message);

// The thread lives on: the loop ended itself. Had it not asked, its thread would have been ended after the grace of 500 ms.
const again = await runtime.run(findNonce, { text: 'again', zeros: 3 });
console.log('3 zeros:', again.ok ? again.value.hash.slice(0, 8) : again.error.message);
console.log('threads ended by force:', runtime.stats().lanesKilled);

await runtime.close();
