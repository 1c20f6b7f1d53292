import { expect, it } from 'vitest';
import { heapLimits } from '../../src/lane/heap-limits.ts';

it('E-10 a limit on the heap has one on its young generation beside it, so that running out of memory ends the thread alone', () => {
  expect(heapLimits({ maxOldGenerationSizeMb: 64 })).toEqual({ maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 32 });
  expect(heapLimits({ maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 })).toEqual({
    maxOldGenerationSizeMb: 64,
    maxYoungGenerationSizeMb: 4,
  });
  expect(heapLimits({ stackSizeMb: 8 })).toEqual({ stackSizeMb: 8 });
});
