import { defineAction, fail, Type, unwrap } from 'heddle';
import { book, refund } from './book.mjs';

const Booking = Type.Object({ what: Type.String(), cents: Type.Integer({ minimum: 0 }) });

/** Books everything beside each other. All of it or nothing: when one booking fails, those that were made are refunded. */
export const trip = defineAction({
  module: import.meta.url,
  name: 'trip',
  schema: Type.Object({ bookings: Type.Array(Booking), limitCents: Type.Integer() }),
  compensation: { enabled: true },
  defaults: { maxRetries: 0 },

  async run({ bookings, limitCents }, ctx) {
    // While it waits here its thread serves its children, so that this works on a single thread too.
    const outcomes = await Promise.all(bookings.map((booking) => ctx.run(book, { ...booking, limitCents })));
    const booked = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => !outcome.ok);
    // What `onError` has to know crosses with the error.
    if (failed !== undefined) return fail(Object.assign(new Error('not everything could be booked'), { booked }));
    return { cents: booked.reduce((sum, { cents }) => sum + cents, 0) };
  },

  // `params` are those of the call; what the attempt knew is in the error's cause.
  async onError(_params, error, _context, _options, ctx) {
    // Nothing is there when it ran out of time, or lost its thread.
    const { booked = [] } = /** @type {{ booked?: { what: string, cents: number }[] }} */ (error.cause ?? {});
    let cents = 0;
    for (const booking of booked.reverse()) cents += unwrap(await ctx.run(refund, booking));
    return { cents };
  },
});
