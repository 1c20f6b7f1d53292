import { setTimeout as sleep } from 'node:timers/promises';
import { serviceCaller } from 'heddle';

/** Lives on the main thread, once: its cache and its connection serve all threads. */
export class PriceService {
  readonly #prices = new Map<string, Promise<number>>();
  readonly #watched = new Set<string>();
  #asked = 0;
  #loaded = 0;

  /** What an article costs. Asked by many threads at once, it is loaded once. */
  lookup(sku: string): Promise<number> {
    this.#asked++;
    const known = this.#prices.get(sku);
    if (known !== undefined) return known;
    const price = this.#load(sku);
    this.#prices.set(sku, price);
    return price;
  }

  async #load(sku: string): Promise<number> {
    this.#loaded++;
    await sleep(5); // stands for a database
    if (sku === '') throw Object.assign(new Error('an article has a number'), { code: 'E_SKU' });
    return sku.length * 100;
  }

  /** Ends when its caller does: nobody is left to answer. */
  async watch(sku: string): Promise<void> {
    const signal = serviceCaller()?.signal;
    this.#watched.add(sku);
    await sleep(60_000, undefined, signal && { signal }).catch(() => this.#watched.delete(sku));
  }

  get stats(): { readonly asked: number; readonly loaded: number; readonly watched: number } {
    return { asked: this.#asked, loaded: this.#loaded, watched: this.#watched.size };
  }
}

declare module 'heddle' {
  interface Services {
    readonly prices: PriceService;
  }
}
