import { type Action, defineAction } from '@heddle/core';

interface Given {
  readonly price: number;
  readonly quantity: number;
}

/** Run from its TypeScript file, which must not import another. */
export const firstTyped: Action<Given, Given & { readonly total: number }> = defineAction({
  module: import.meta.url,
  name: 'firstTyped',
  run: (order: Given): Given & { readonly total: number } => ({ ...order, total: order.price * order.quantity }),
});
