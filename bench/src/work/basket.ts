import { type Order, orderAt, type PricedOrder, priceOrder } from './order.ts';

/** Many orders at once: 50 of them are about 10 kB as JSON, 5 000 about 1 MB. */
export interface Basket {
  readonly orders: readonly Order[];
}

/** The same with sums; about as large. */
export interface PricedBasket {
  readonly orders: readonly PricedOrder[];
}

/** Cheap beside the way there and back. */
export function priceBasket({ orders }: Basket): PricedBasket {
  return { orders: orders.map(priceOrder) };
}

/** A basket of so many orders. */
export function basketOf(count: number): Basket {
  return { orders: Array.from({ length: count }, (_, index) => orderAt(index)) };
}
