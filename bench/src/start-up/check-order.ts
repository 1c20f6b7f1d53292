import { createValidator } from '@heddle/core/validation';
import { type Order, type PricedOrder, priceOrder } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';

const { schema, outputSchema } = priceOrderChecked;
if (schema === undefined || outputSchema === undefined) throw new Error('The order has no schema to check by');
const params = createValidator(schema);
const output = createValidator(outputSchema);

/** What a caller of a bare pool does by hand before it sends. */
export function checkOrder(order: Order): void {
  if (!params.validate(order).ok) throw new Error('no order');
}

/** What a bare pool's function does by hand around its work. */
export function priceCheckedByHand(order: Order): PricedOrder {
  checkOrder(order);
  const priced = priceOrder(order);
  if (!output.validate(priced).ok) throw new Error('no priced order');
  return priced;
}
