/** A small object, as rows and events are. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly price: number;
}

/** What is offered: integers from 0, or rows of which each is another. */
export type OfferKind = 'integers' | 'rows';

/** How much is offered, and of what. */
export interface OfferOrder {
  readonly kind: OfferKind;
  readonly to: number;
  /** Counts what was offered, seen from every thread. */
  readonly counter?: Int32Array;
}

/** All peers read this generator. */
export function* offering({ kind, to, counter }: OfferOrder): Generator<unknown, void> {
  for (let id = 0; id < to; id++) {
    if (counter !== undefined) Atomics.store(counter, 0, id + 1);
    yield kind === 'integers' ? id : rowAt(id);
  }
}

/** The same, asynchronous, with nothing to wait for. */
export async function* offeringAsync(order: OfferOrder): AsyncGenerator<unknown, void> {
  yield* offering(order);
}

function rowAt(id: number): Row {
  return { id, name: 'Ada Lovelace', price: id % 97 };
}

/** Checks what came; cheap, for it runs for every value. */
export class OfferCheck {
  readonly #kind: OfferKind;
  seen = 0;

  constructor(kind: OfferKind) {
    this.#kind = kind;
  }

  take(value: unknown): void {
    const id = this.#kind === 'integers' ? value : (value as Row).id; // as `offering` made it
    if (id !== this.seen++) throw new Error(`a peer gave ${JSON.stringify(value)} as value ${this.seen - 1}`);
  }
}
