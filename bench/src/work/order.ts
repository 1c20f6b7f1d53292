/** About 200 B as JSON: what services send around. */
export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly email: string;
  readonly price: number;
  readonly quantity: number;
  readonly express: boolean;
  readonly note: string;
}

/** An order with its sum; about as large as the order. */
export interface PricedOrder extends Order {
  readonly total: number;
}

/** Cheap on purpose: what is measured is the way there and back. */
export function priceOrder(order: Order): PricedOrder {
  const { id, customer, email, price, quantity, express, note } = order;
  return { id, customer, email, price, quantity, express, note, total: price * quantity };
}

/** The `index`th of an endless list of orders, all different. */
export function orderAt(index: number): Order {
  return {
    id: index,
    customer: 'Ada Lovelace',
    email: `ada.${index}@example.org`,
    price: 1 + (index % 97),
    quantity: 1 + (index % 7),
    express: index % 2 === 0,
    note: 'Leave it with the neighbour on the left, and ring twice.',
  };
}
