import { type Failure, fail, HeddleError, type Propagator } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import type { Reporter } from '../reporter.ts';
import type { Task } from '../task.ts';

/** What the propagators of a runtime captured for one task, in their order; `undefined` where there is nothing to carry. */
export type Carried = readonly unknown[];

/** Where a propagator failed. */
export type PropagatorPlace = 'capture' | 'load' | 'attach' | 'detach' | 'receive';

/** Captures ambient state on the host, and tells of propagators that fail, here and in lanes. Source: SEMANTICS R-10. */
export class Carrier {
  readonly #propagators: readonly Propagator[];
  readonly #reporter: Reporter;
  // Invariant: what has been told. One that fails would fail for every task, and must not fill the log.
  readonly #told = new Set<string>();

  constructor(propagators: readonly Propagator[], reporter: Reporter) {
    this.#propagators = propagators;
    this.#reporter = reporter;
  }

  /**
   * Captures for one task, in the async context that it is called in. What is captured is copied at once: a store that changes later
   * does not change the task. Answers a failure when a strict propagator failed.
   */
  capture(task: Task): Failure | undefined {
    const values: unknown[] = [];
    for (const propagator of this.#propagators) {
      try {
        values.push(captureOne(propagator, task.entry.action.name));
      } catch (thrown) {
        values.push(undefined);
        const error = toHeddleError(thrown);
        if (propagator.strict) return fail(error);
        this.failed(propagator.name, 'capture', error, undefined);
      }
    }
    // Nothing to carry, nothing to send.
    if (values.some((value) => value !== undefined)) task.carried = values;
    return undefined;
  }

  /** The half of a propagator that is in a lane tells the one that is here something. */
  told(index: number, message: unknown): void {
    const propagator = this.#propagators[index];
    try {
      propagator?.receive(message);
    } catch (thrown) {
      if (propagator !== undefined) this.failed(propagator.name, 'receive', toHeddleError(thrown), undefined);
    }
  }

  /** Tells of a propagator that failed and that is not strict: once for each place it fails in. */
  failed(propagator: string, place: PropagatorPlace, error: HeddleError, threadId: number | undefined): void {
    const key = `${place} ${propagator}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#reporter.tell({ kind: 'propagatorFailed', propagator, place, error, ...(threadId === undefined ? {} : { threadId }) });
  }
}

/** @throws HeddleError `execution_error` or `uncloneable`, neither to be tried again: a retry carries what was captured at the start */
function captureOne(propagator: Propagator, action: string): unknown {
  let value: unknown;
  try {
    value = propagator.capture();
  } catch (thrown) {
    const cause = toHeddleError(thrown);
    const message = `Propagator ${propagator.name} threw in \`capture\`, for action ${action}: ${cause.message}`;
    throw new HeddleError('execution_error', message, { cause: thrown, details: detailsOf(propagator), retryable: false });
  }
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') return value;
  try {
    const copy = snapshot(value);
    return copy === NOT_SMALL ? structuredClone(value) : copy;
  } catch (cause) {
    throw uncloneableError(action, `the value of propagator ${propagator.name}`, value, cause);
  }
}

function detailsOf({ name }: Propagator): Readonly<Record<string, unknown>> {
  return { propagator: name, place: 'capture' satisfies PropagatorPlace };
}
