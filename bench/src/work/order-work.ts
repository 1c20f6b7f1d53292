import type { Order, PricedOrder } from './order.ts';
import { priceOrderAction, priceOrderChecked } from './order-action.ts';
import { type Work, wrongAnswer } from './work.ts';

/** A 200 B object there, a 200 B object back, hardly any work. */
export const orderWork: Work<Order, PricedOrder> = {
  file: new URL('./order.js', import.meta.url).href,
  name: 'priceOrder',
  action: priceOrderAction,
  checkedAction: priceOrderChecked,
  check(params, value) {
    if (value.id !== params.id || value.total !== params.price * params.quantity) throw wrongAnswer('priceOrder', value);
  },
};
