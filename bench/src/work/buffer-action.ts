import { type Action, defineAction, Type } from '@heddle/core';
import { countUp } from './buffer.ts';

// Params that are no plain object need a schema; this one looks at nothing.
export const countUpAction: Action<ArrayBuffer, ArrayBuffer> = defineAction({
  module: import.meta.url,
  name: 'countUp',
  schema: Type.Unsafe<ArrayBuffer>(Type.Any()),
  run(bytes, ctx) {
    ctx.transfer(bytes);
    return countUp(bytes);
  },
});
