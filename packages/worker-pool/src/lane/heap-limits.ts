import type { ResourceLimits } from 'node:worker_threads';

/** With this much, what one collection moves out of the young generation fits into the room that Node gives a thread to end in. */
const YOUNG_MB = 32;

/**
 * The limits a thread is started with. Where the old generation has one and the young has none, the young is given one too: from Node 24
 * on its default is so large that a thread which runs out of memory often takes the whole process along.
 */
export function heapLimits(given: ResourceLimits): ResourceLimits {
  return given.maxOldGenerationSizeMb === undefined ? given : { maxYoungGenerationSizeMb: YOUNG_MB, ...given };
}
