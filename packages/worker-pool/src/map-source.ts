import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';

/** The source of a map: what it gives at once is read at once. */
export class MapSource<P> {
  readonly #iterator: Iterator<P> | AsyncIterator<P>;
  /** Whether it is being asked, and has not answered. */
  asked = false;

  /** @throws HeddleError `invalid_input` */
  constructor(items: Iterable<P> | AsyncIterable<P>) {
    this.#iterator = iteratorOf(items);
  }

  /**
   * The next item, its own promise awaited if it is one; a promise only where something has to be waited for.
   *
   * @throws whatever the source throws
   */
  read(): IteratorResult<P> | Promise<IteratorResult<P>> {
    this.asked = true;
    const next = this.#iterator.next();
    if (next instanceof Promise) return this.#await(next);
    const item = next as IteratorResult<P>; // an iterator that answers otherwise is read as `for await` would
    if (item.done !== true && isThenable(item.value)) return this.#await(item);
    this.asked = false;
    return item;
  }

  async #await(next: Promise<IteratorResult<P>> | IteratorResult<P>): Promise<IteratorResult<P>> {
    try {
      const item = await next;
      return item.done === true ? item : { done: false, value: await item.value };
    } finally {
      this.asked = false;
    }
  }

  /** The source's own cleanup. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function iteratorOf<P>(items: Iterable<P> | AsyncIterable<P>): Iterator<P> | AsyncIterator<P> {
  if (typeof items === 'object' && items !== null) {
    if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
    if (Symbol.iterator in items) return items[Symbol.iterator]();
  }
  throw new HeddleError('invalid_input', `\`map\` takes an iterable or an async iterable of params; got ${kindOf(items)}`);
}
