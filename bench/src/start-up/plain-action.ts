import { type Action, defineAction } from '@heddle/core';
import { type Order, type PricedOrder, priceOrder } from '../work/order.ts';

export const firstPlain: Action<Order, PricedOrder> = defineAction({
  module: import.meta.url,
  name: 'firstPlain',
  run: (order: Order): PricedOrder => priceOrder(order),
});
