import type { FailureRow } from '../wire.ts';

/** Kinds of failures that are told apart; the one that came least recently makes room. */
const MAX_KINDS = 100;

/** Failures by type and action. */
export class Failures {
  // Invariant: in the order of their last failure.
  readonly #rows = new Map<string, FailureRow>();

  add(failure: Omit<FailureRow, 'count'>): void {
    const key = `${failure.type} ${failure.action}`;
    const count = (this.#rows.get(key)?.count ?? 0) + 1;
    this.#rows.delete(key);
    this.#rows.set(key, { ...failure, count });
    if (this.#rows.size <= MAX_KINDS) return;
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }

  /** The latest first. */
  rows(): FailureRow[] {
    return [...this.#rows.values()].reverse();
  }
}
