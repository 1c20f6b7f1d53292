import { fail, type Outcome } from '@heddle/core';
import {
  type Frame,
  RESULT_BYTES,
  RESULT_EXCEPTION,
  RESULT_FALSE,
  RESULT_NULL,
  RESULT_NUMBER,
  RESULT_TRUE,
  RESULT_UNDEFINED,
  RESULT_VALUE,
} from '../pack/frame.ts';
import { type Bytes, BytesPacker, bytesKind, NO_BYTES, type PackedBytes } from '../protocol/bytes.ts';
import { encodeOutcome } from '../protocol/codec.ts';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';

/** What is held of a pack's results before it is posted: past that the gain is small, and what is held is what a kill can lose. */
const MAX_HELD = 32;
const MAX_HELD_BYTES = 1 << 20;

/** What of a pack's results the frame does not hold. */
export interface HeldResults {
  readonly values: readonly unknown[];
  readonly bytes: PackedBytes | undefined;
  readonly exceptions: readonly unknown[];
}

/**
 * Takes down how the items of a pack ended: in the frame what fits there, and the rest to be posted.
 * Guarantees: what arrives is what the action returned, even when it changes the object later, and shares nothing with what another item
 * returned.
 */
export class PackResults {
  readonly #frame: Frame;
  readonly #action: string;
  #values: unknown[] = [];
  #exceptions: unknown[] = [];
  #bytes: BytesPacker | undefined;
  #heldBytes = 0;
  #held = 0;
  #urgent = false;

  constructor(frame: Frame, action: string) {
    this.#frame = frame;
    this.#action = action;
  }

  /** Whether anything would be lost with the thread. */
  get holds(): boolean {
    return this.#held > 0;
  }

  /** Whether what is held is to be posted now. */
  get full(): boolean {
    return this.#urgent || this.#held >= MAX_HELD || this.#heldBytes > MAX_HELD_BYTES;
  }

  /** Whether this can stand in one message with what is held. */
  fits(outcome: Outcome): boolean {
    if (this.#bytes === undefined || !outcome.ok || outcome.directive !== undefined) return true;
    const kind = kindOf(outcome.value);
    return kind === NO_BYTES || kind === this.#bytes.kind;
  }

  add(item: number, outcome: Outcome, durationUs: number): void {
    this.#frame.durations[item] = durationUs;
    this.#frame.results[item] = outcome.ok && outcome.directive === undefined ? this.#value(item, outcome.value) : this.#except(outcome);
  }

  #value(item: number, value: unknown): number {
    switch (typeof value) {
      case 'number':
        this.#frame.values[item] = value;
        return RESULT_NUMBER;
      case 'undefined':
        return RESULT_UNDEFINED;
      case 'boolean':
        return value ? RESULT_TRUE : RESULT_FALSE;
      default:
        return value === null ? RESULT_NULL : this.#hold(value);
    }
  }

  #hold(value: unknown): number {
    this.#held++;
    const kind = kindOf(value);
    if (kind !== NO_BYTES) {
      const bytes = value as Bytes; // by its kind
      this.#bytes ??= new BytesPacker(kind, bytes.byteLength * MAX_HELD);
      this.#bytes.add(bytes);
      this.#heldBytes += bytes.byteLength;
      return RESULT_BYTES;
    }
    const kept = snapshot(value);
    if (kept === NOT_SMALL) this.#urgent = true;
    this.#values.push(kept === NOT_SMALL ? value : kept);
    return RESULT_VALUE;
  }

  #except(outcome: Outcome): number {
    this.#held++;
    this.#exceptions.push(...encodeOutcome(outcome));
    // An error was made plain data of its own; a directive is the action's.
    if (outcome.directive !== undefined) this.#urgent = true;
    return RESULT_EXCEPTION;
  }

  /** What is held; from here on nothing is. */
  take(): HeldResults {
    const taken = { values: this.#values, bytes: this.#bytes?.take(), exceptions: this.#exceptions };
    this.#values = [];
    this.#exceptions = [];
    this.#bytes = undefined;
    this.#heldBytes = 0;
    this.#held = 0;
    this.#urgent = false;
    return taken;
  }

  /** The same with each that does not clone made an error which says so, its neighbours left alone. */
  mended({ values, bytes, exceptions }: HeldResults, from: number, upTo: number): HeldResults {
    const fine: unknown[] = [];
    const told: unknown[] = [];
    let exception = 0;
    let value = 0;
    for (let item = from; item < upTo; item++) {
      if (this.#frame.results[item] === RESULT_VALUE) {
        const result = values[value++];
        if (clones(result)) fine.push(result);
        else {
          this.#frame.results[item] = RESULT_EXCEPTION;
          told.push(...this.#uncloneable('result', result));
        }
      } else if (this.#frame.results[item] === RESULT_EXCEPTION) {
        told.push(...this.#mendedException(exceptions[exception], exceptions[exception + 1]));
        exception += 2;
      }
    }
    return { values: fine, bytes, exceptions: told };
  }

  #mendedException(form: unknown, payload: unknown): readonly unknown[] {
    if (clones(payload)) return [form, payload];
    const [result, directive] = payload as readonly unknown[]; // as the codec writes it: an error alone always clones
    return clones(result) ? this.#uncloneable('directive', directive) : this.#uncloneable('result', result);
  }

  #uncloneable(what: string, value: unknown): readonly unknown[] {
    return encodeOutcome(fail(uncloneableError(this.#action, what, value, causeOf(value))));
  }
}

function kindOf(value: unknown): number {
  try {
    return bytesKind(value);
  } catch {
    return NO_BYTES; // a hostile object: the clone will refuse it
  }
}

function causeOf(value: unknown): unknown {
  try {
    structuredClone(value);
    return undefined;
  } catch (cause) {
    return cause;
  }
}
