import workerpool from 'workerpool';
import { endless } from '../work/endless.ts';
import { priceOrder } from '../work/order.ts';

// A worker script as workerpool asks for it. What waits goes when it is asked to, as an abort listener lets it.
workerpool.worker({
  priceOrder,
  endless,
  waiting(this: { readonly worker: { addAbortListener(listener: () => Promise<void>): void } }): Promise<void> {
    return new Promise((resolve) => {
      this.worker.addAbortListener(async () => resolve());
    });
  },
});
