import { fail, type Outcome } from '@heddle/core';
import { encodeOutcome } from '../protocol/codec.ts';
import { FORM_OK, FORM_ROW, FORM_STEP, FORM_SUSPENDED, OUTPUT_OUTCOMES } from '../protocol/output.ts';
import type { LanePort } from '../protocol/port.ts';
import { NO_SHAPE, type RowWriter } from '../protocol/row.ts';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { UNSENT } from '../protocol/step.ts';
import { transferFault } from '../protocol/transfer-fault.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';

/** Outcomes per post: past eight the gain is small, and what waits is what a kill can lose. */
const MAX_BUFFERED = 8;

/**
 * Holds finished outcomes for a moment, so that tiny tasks share a post.
 * Guarantees: what arrives is what the action returned, even when it changes the object later; one that does not clone becomes an
 * `uncloneable` outcome and leaves its neighbours alone.
 */
export class OutcomeBuffer {
  readonly #port: LanePort;
  // Invariant: begins with its kind, then whole outcomes; for each, `#actions` has the name and `#starts` where it begins.
  #batch: unknown[] = [OUTPUT_OUTCOMES];
  #actions: string[] = [];
  #starts: number[] = [];

  constructor(port: LanePort) {
    this.#port = port;
  }

  /**
   * Takes an outcome. `last`: nothing follows at once, so it is posted now and needs no copy. `rows` finds the shape of its value.
   * Answers whether outcomes were posted.
   */
  push(slot: number, action: string, outcome: Outcome, durationUs: number, last: boolean, rows: RowWriter | undefined): boolean {
    if (rows !== undefined && outcome.ok && outcome.directive === undefined) {
      const shape = rows.read(outcome.value);
      if (shape !== NO_SHAPE) {
        this.#pushRow(slot, action, shape, durationUs, rows);
        return this.#flushIf(last);
      }
    }
    const [form, payload] = encodeOutcome(outcome);
    const plain = form === FORM_OK || form === FORM_SUSPENDED;
    const kept = last || !plain ? payload : snapshot(payload);
    this.#starts.push(this.#batch.length);
    this.#batch.push(slot, form, durationUs, kept === NOT_SMALL ? payload : kept);
    this.#actions.push(action);
    return this.#flushIf(last || kept === NOT_SMALL || !plain);
  }

  /** Takes an outcome with what its value takes along, and posts it at once: what is moved must not change meanwhile. A failure takes nothing. */
  move(slot: number, action: string, outcome: Outcome, durationUs: number, moved: readonly object[]): void {
    this.flush();
    const unfit = outcome.ok ? transferFault(action, moved) : undefined;
    if (unfit === undefined) this.#postOne([slot, ...formOf(outcome, durationUs)], action, outcome.ok ? moved : []);
    else this.#postOne([slot, ...formOf(fail(unfit), durationUs)], action);
  }

  #flushIf(now: boolean): boolean {
    if (!now && this.#actions.length < MAX_BUFFERED) return false;
    this.flush();
    return true;
  }

  /** A row is a copy already. */
  #pushRow(slot: number, action: string, shape: number, durationUs: number, { fields, width }: RowWriter): void {
    const batch = this.#batch;
    this.#starts.push(batch.length);
    this.#actions.push(action);
    batch.push(slot, FORM_ROW + shape, durationUs);
    for (let index = 0; index < width; index++) batch.push(fields[index]);
  }

  /** Posts what is held. */
  flush(): void {
    if (this.#actions.length === 0) return;
    const batch = this.#batch;
    const actions = this.#actions;
    const starts = this.#starts;
    this.#batch = [OUTPUT_OUTCOMES];
    this.#actions = [];
    this.#starts = [];
    try {
      this.#port.postMessage(batch);
    } catch {
      // Nothing of a message that fails to clone is sent: post one by one, and only the faulty one turns into an error.
      for (let index = 0; index < actions.length; index++)
        this.#postOne(batch.slice(starts[index], starts[index + 1]), actions[index] ?? '');
    }
  }

  #postOne(fields: unknown[], action: string, moved: readonly object[] = []): void {
    try {
      this.#port.postMessage([OUTPUT_OUTCOMES, ...fields], moved as never); // checked by Node itself
    } catch (cause) {
      const [slot, form, durationUs, payload] = fields;
      // A directive stands beside the value or error; the one that does not clone is named.
      const parts = partsOf(form as number, payload);
      const [faulty, value] = Object.entries(parts).find(([, part]) => !clones(part)) ?? ['result', payload];
      const error = uncloneableError(action, faulty, value, cause);
      const [errorForm, errorPayload] = encodeOutcome(isYield(form as number, payload) ? fail(error, UNSENT) : fail(error));
      this.#port.postMessage([OUTPUT_OUTCOMES, slot, errorForm, durationUs, errorPayload]);
    }
  }
}

function formOf(outcome: Outcome, durationUs: number): [form: number, durationUs: number, payload: unknown] {
  const [form, payload] = encodeOutcome(outcome);
  return [form, durationUs, payload];
}

/** Whether it was yielded: then its coroutine goes on, and has to hear of it. */
function isYield(form: number, payload: unknown): boolean {
  return form === FORM_SUSPENDED || (form === FORM_STEP && (payload as readonly unknown[])[0] === 'suspended'); // as the codec writes it
}

/** What an outcome is made of, by the names that a message can tell. */
function partsOf(form: number, payload: unknown): Readonly<Record<string, unknown>> {
  switch (form) {
    case FORM_OK:
      return { result: payload };
    case FORM_SUSPENDED:
      return { yield: payload };
    case FORM_STEP: {
      const [, value, data] = payload as readonly unknown[]; // as the codec writes it
      return { yield: value, data };
    }
    default: {
      const [result, directive] = payload as readonly unknown[]; // as above
      return { result, directive };
    }
  }
}
