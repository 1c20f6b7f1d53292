import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { defineAction, fail, Type, unwrap } from 'heddle';

const tracer = trace.getTracer('shop');

export const convert = defineAction({
  module: import.meta.url,
  name: 'convert',
  schema: Type.Object({ cents: Type.Integer(), currency: Type.String() }),
  run: ({ cents, currency }) => `${(cents / 100).toFixed(2)} ${currency}`,
});

/** Asks a shop that is not there at first, then has the price converted below itself. */
export const price = defineAction({
  module: import.meta.url,
  name: 'price',
  schema: Type.Object({ sku: Type.String(), fails: Type.Integer({ default: 0, maximum: 3 }) }),
  defaults: { backoffMs: 5, maxRetries: 3 },
  async run({ sku, fails }, ctx) {
    const cents = await tracer.startActiveSpan('ask the shop', { attributes: { sku } }, async (span) => {
      await sleep(2);
      span.end();
      return ctx.attempt > fails ? 450 : undefined;
    });
    if (cents === undefined) return fail('the shop does not answer');
    return { sku, price: unwrap(await ctx.run(convert, { cents, currency: 'EUR' })) };
  },
});
