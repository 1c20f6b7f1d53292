import { setTimeout as sleep } from 'node:timers/promises';
import { defineAction } from 'heddle';
import { trace, traceparentOf } from './trace-context.mjs';

export const price = defineAction({
  module: import.meta.url,
  name: 'price',
  /** @param {{ sku: string }} params */
  async run({ sku }, ctx) {
    await sleep(1);
    const current = trace.getStore();
    ctx.log.info({ sku, traceId: current?.traceId, spanId: current?.spanId, parentId: current?.parentId }, 'looked up');
    // What a call to another service would send along.
    return { cents: 450, headers: current && { traceparent: traceparentOf(current), tracestate: current.tracestate } };
  },
});
