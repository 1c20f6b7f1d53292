import { HeddleError, type Outcome } from '@heddle/core';
import type { AsyncRef, Runtime, TaskOptions } from '@heddle/worker-pool';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

/** A wait without a limit: the ledger has one. */
export const UNLIMITED: { readonly timeoutMs: number } = { timeoutMs: Number.POSITIVE_INFINITY };

/** A runtime that work is started on, and what that work may end with for no fault of its own. */
export interface Place {
  readonly name: string;
  readonly runtime: Runtime;
  /** It is about to close, or has. */
  closing: boolean;
  /** It has a queue that may be full. */
  readonly limited: boolean;
  /** Tasks share lanes there with others, and coroutines with such as end their thread: each may be lost with its neighbours. */
  readonly shared: boolean;
  /** Where parents run: they wait on lanes where others run meanwhile, and each may be lost with the other. */
  readonly families: { readonly instance?: string };
  /** Where that runs which is ended by force, and soon: it takes no neighbours along there that ask for more time. */
  readonly deaf: { readonly instance?: string };
}

/** What one part of a round is given: where to start what, and chance. */
export class Stage {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly place: Place;
  readonly #label: string;

  constructor(ledger: Ledger, random: Random, place: Place, label: string) {
    this.ledger = ledger;
    this.random = random;
    this.place = place;
    this.#label = `${label}, ${place.name}`;
  }

  get runtime(): Runtime {
    return this.place.runtime;
  }

  /** Options that change how a task goes, and not how it ends. */
  options(more: TaskOptions = {}): TaskOptions {
    const { random } = this;
    const telemetry = random.chance(0.5) ? 'silent' : 'full';
    return { priority: random.whole(-2, 2), telemetry, ...(random.chance(0.2) ? { tag: `tag ${random.whole(1, 9)}` } : {}), ...more };
  }

  /** Waits for what a call answers. Gives the outcome, or `undefined` where it threw. */
  async settles(what: string, allowed: readonly string[], call: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const entry = this.ledger.begin(what, this.#label, () => this.#standing());
    try {
      const outcome = await call();
      this.ledger.end(entry, endOf(outcome), this.#widen(allowed), textOf(outcome));
      return outcome;
    } catch (error) {
      this.ledger.end(entry, thrownBy(error), this.#widen(allowed), String(error));
      return undefined;
    }
  }

  /** Starts a task, does something to it meanwhile, and waits for its outcome twice: both must be the same. */
  async starts(
    what: string,
    allowed: readonly string[],
    start: () => AsyncRef,
    meanwhile?: (ref: AsyncRef) => Promise<unknown> | unknown,
  ): Promise<Outcome | undefined> {
    return this.settles(what, allowed, async () => {
      const ref = start();
      const [first, second] = await Promise.all([ref.outcome(UNLIMITED), ref.outcome(UNLIMITED), meanwhile?.(ref)]);
      if (endOf(first) !== endOf(second)) this.complain(`${what} ended with ${endOf(first)} and ${endOf(second)}`);
      if (ref.status !== 'settled') this.complain(`${what} has an outcome and is ${ref.status}`);
      return first;
    });
  }

  /** Waits for something that is no outcome. `call` answers how it ended. */
  async ends(what: string, allowed: readonly string[], call: () => Promise<string>): Promise<void> {
    const entry = this.ledger.begin(what, this.#label, () => this.#standing());
    try {
      this.ledger.end(entry, await call(), this.#widen(allowed));
    } catch (error) {
      this.ledger.end(entry, thrownBy(error), this.#widen(allowed), String(error));
    }
  }

  check(holds: boolean, complaint: string): void {
    if (!holds) this.complain(complaint);
  }

  complain(text: string): void {
    this.ledger.complain(`${this.#label}: ${text}`);
  }

  /** What may come here beside what its kind allows: as the place is now, when it has ended. */
  #widen(allowed: readonly string[]): readonly string[] {
    const { closing, limited, shared } = this.place;
    return [
      ...allowed,
      ...(closing ? ['closed', 'cancelled'] : []),
      ...(limited ? ['overloaded'] : []),
      ...(shared ? ['worker_lost'] : []),
    ];
  }

  #standing(): string {
    return JSON.stringify(this.runtime.stats());
  }
}

/** How an outcome is taken down. */
export function endOf(outcome: Outcome): string {
  return outcome.ok ? 'ok' : outcome.error.type;
}

/** The same of what was thrown. */
export function thrownBy(error: unknown): string {
  return error instanceof HeddleError ? error.type : 'no HeddleError';
}

function textOf(outcome: Outcome): string {
  return outcome.ok ? '' : `(${outcome.error.message})`;
}
