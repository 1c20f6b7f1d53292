import { defineAction, fail, Type } from 'heddle';

/** Books one thing. It is held first and paid for then; what is held and not paid for is released by `onError`. */
export const book = defineAction({
  module: import.meta.url,
  name: 'book',
  schema: Type.Object({ what: Type.String(), cents: Type.Integer({ minimum: 0 }), limitCents: Type.Integer() }),
  compensation: { enabled: true },
  defaults: { maxRetries: 0 },

  run({ what, cents, limitCents }) {
    console.log(`holding the ${what}`);
    if (cents > limitCents) return fail(`the card does not cover the ${what}`);
    console.log(`paid for the ${what}`);
    return { what, cents };
  },

  onError({ what }) {
    console.log(`released the ${String(what)}`);
    return { released: what };
  },
});

/** Takes back what was booked and paid for. */
export const refund = defineAction({
  module: import.meta.url,
  name: 'refund',
  schema: Type.Object({ what: Type.String(), cents: Type.Integer() }),
  run({ what, cents }) {
    console.log(`refunded ${cents} for the ${what}`);
    return cents;
  },
});
