import { type Action, defineAction, Type } from '@heddle/core';
import { type Basket, type PricedBasket, priceBasket } from './basket.ts';
import { type Order, type PricedOrder, priceOrder } from './order.ts';

const fields = {
  id: Type.Integer(),
  customer: Type.String({ minLength: 1 }),
  email: Type.String(),
  price: Type.Number({ minimum: 0 }),
  quantity: Type.Integer({ minimum: 1 }),
  express: Type.Boolean(),
  note: Type.String({ maxLength: 200 }),
};

export const priceOrderAction: Action<Order, PricedOrder> = defineAction({
  module: import.meta.url,
  name: 'priceOrder',
  run: (order: Order): PricedOrder => priceOrder(order),
});

export const priceOrderChecked: Action<Order, PricedOrder> = defineAction({
  module: import.meta.url,
  name: 'priceOrderChecked',
  schema: Type.Object(fields),
  outputSchema: Type.Object({ ...fields, total: Type.Number() }),
  run: priceOrder,
});

export const priceBasketAction: Action<Basket, PricedBasket> = defineAction({
  module: import.meta.url,
  name: 'priceBasket',
  run: (basket: Basket): PricedBasket => priceBasket(basket),
});

export const priceBasketChecked: Action<Basket, PricedBasket> = defineAction({
  module: import.meta.url,
  name: 'priceBasketChecked',
  schema: Type.Object({ orders: Type.Array(Type.Object(fields)) }),
  outputSchema: Type.Object({ orders: Type.Array(Type.Object({ ...fields, total: Type.Number() })) }),
  run: priceBasket,
});
