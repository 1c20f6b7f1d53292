import { defineAction, Type } from 'heddle';
// Types alone: the service itself is never loaded in a thread.
import type {} from './price-service.ts';

export const quote = defineAction({
  module: import.meta.url,
  name: 'quote',
  schema: Type.Object({ skus: Type.Array(Type.String()) }),
  async run({ skus }, ctx) {
    // All at once: calls need not wait for each other.
    const cents = await Promise.all(skus.map((sku) => ctx.services.prices.lookup(sku)));
    return cents.reduce((sum, price) => sum + price, 0);
  },
});

export const watch = defineAction({
  module: import.meta.url,
  name: 'watch',
  run: ({ sku }: { readonly sku: string }, ctx) => ctx.services.prices.watch(sku),
});
