import type { Basket, PricedBasket } from './basket.ts';
import { priceBasketAction, priceBasketChecked } from './order-action.ts';
import { type Work, wrongAnswer } from './work.ts';

/** Many orders there, many orders back. */
export const basketWork: Work<Basket, PricedBasket> = {
  file: new URL('./basket.js', import.meta.url).href,
  name: 'priceBasket',
  action: priceBasketAction,
  checkedAction: priceBasketChecked,
  check({ orders }, value) {
    const last = orders.at(-1);
    const priced = value.orders.at(-1);
    if (value.orders.length !== orders.length || last === undefined || priced?.total !== last.price * last.quantity)
      throw wrongAnswer('priceBasket', priced);
  },
};
