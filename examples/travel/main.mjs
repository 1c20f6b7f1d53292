import { createRuntime } from 'heddle';
import { trip } from './trip.mjs';

// One thread, so that what is printed comes in one order. It is enough: who waits gives its place up.
const runtime = createRuntime({ threads: { max: 1 } });

const bookings = [
  { what: 'flight', cents: 30_000 },
  { what: 'hotel', cents: 60_000 },
  { what: 'car', cents: 20_000 },
];

const made = await runtime.run(trip, { bookings, limitCents: 100_000 });
console.log(made.ok ? `booked for ${made.value.cents}\n` : made.error.message);

const failed = await runtime.run(trip, { bookings, limitCents: 50_000 });
if (!failed.ok) {
  console.log(failed.error.message);
  console.log('refunded in all:', failed.error.details['result']);
}

await runtime.close();
