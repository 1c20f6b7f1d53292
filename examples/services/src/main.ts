import { createRuntime } from 'heddle';
import { PriceService } from './price-service.ts';
import { quote, watch } from './quote.ts';

const prices = new PriceService();
const runtime = createRuntime({ services: { prices }, threads: { min: 2, max: 2 } });

// A hundred orders on two threads ask four hundred times; each price is loaded once.
const orders = Array.from({ length: 100 }, (_, index) => ({ skus: ['tea', 'cup', 'kettle', index % 2 === 0 ? 'pot' : 'spoon'] }));
let total = 0;
for await (const { outcome } of runtime.map(quote, orders)) if (outcome.ok) total += outcome.value;
console.log(total, prices.stats);

// What a method throws arrives whole.
const failed = await runtime.run(quote, { skus: [''] }, {}, { maxRetries: 0 });
if (!failed.ok) console.log(failed.error.type, failed.error.message, (failed.error.cause as { code?: unknown }).code);

// A call that is pending ends with its task, on both sides.
const timedOut = await runtime.run(watch, { sku: 'cup' }, {}, { timeoutMs: 200 });
if (!timedOut.ok) console.log(timedOut.error.type);

await runtime.close();
console.log(prices.stats);
