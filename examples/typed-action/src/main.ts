import { createRuntime } from 'heddle';
import { priceOrder } from './price-order.ts';

const runtime = createRuntime();

// `count` and `currency` have defaults. A wrong type here would not compile; at run time the schema refuses it.
const plain = await runtime.run(priceOrder, {
  lines: [
    { sku: 'tea', cents: 450 },
    { sku: 'cup', cents: 1200, count: 2 },
  ],
});
if (plain.ok) console.log(plain.value.cents, plain.value.currency);

const discounted = await runtime.run(priceOrder, { lines: [{ sku: 'pot', cents: 9000 }], currency: 'usd' }, { discount: 0.1 });
if (discounted.ok) console.log(discounted.value.cents, discounted.value.currency);

const large = await runtime.run(priceOrder, { lines: [{ sku: 'table', cents: 200_000 }] });
console.log(large.directive);

// Failures are outcomes, not exceptions.
const orders = [{ lines: [] }, { lines: [{ sku: '', cents: 1.5 }] }, { lines: [{ sku: 'house', cents: 50_000_000 }] }];
for (const order of orders) {
  const outcome = await runtime.run(priceOrder, order, {}, { maxRetries: 0 });
  if (!outcome.ok) console.log(`${outcome.error.type}: ${outcome.error.message}`);
}

await runtime.close();
