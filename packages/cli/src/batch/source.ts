import { isOutcome } from '@heddle/core';
import type { RawRow, Row, RowReader } from '../input/row.ts';

/** What decides which rows of the input are run. */
export interface SourceOptions {
  readonly reader: RowReader;
  readonly batches: AsyncGenerator<readonly RawRow[], void, void>;
  /** Whether an earlier run settled a row. */
  readonly isSettled: (index: number) => boolean;
  /** Rows of the input looked at, at most. */
  readonly limit: number;
  readonly idField: string;
  /** Whether rows under way keep what they were read from. */
  readonly keepRaw: boolean;
}

/**
 * The rows to run, as the params `runtime.map` takes; a row that holds none goes through as a failure, in its place.
 *
 * An iterator by hand: a row that is in memory is answered without a generator's turns, and `stop` answers a read that waits for
 * an idle pipe. Never rejects: what breaks the input ends it, and is told by `error`, so that rows under way are still recorded.
 */
export class RowSource implements AsyncIterableIterator<unknown> {
  readonly #options: SourceOptions;
  #batch: readonly RawRow[] = [];
  #at = 0;
  /** Rows of the input seen so far: the index of the next. */
  #seen = 0;
  /** Rows handed out so far: the place the map knows the next one by. */
  #given = 0;
  #skipped = 0;
  /** Rows cut out of the input so far, seen or not. */
  #cut = 0;
  #ended = false;
  #error: unknown;
  readonly #underWay = new Map<number, Row>();
  /** Answers the read that is waiting, if one is, with nothing. */
  #wake: (() => void) | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** Rows cut out of what was read of the input. */
  get cut(): number {
    return this.#cut;
  }

  /** Rows passed over because an earlier run settled them. */
  get skipped(): number {
    return this.#skipped;
  }

  /** What broke the input, if anything did. */
  get error(): unknown {
    return this.#error;
  }

  /** Hands out no more rows; those under way are not touched. */
  stop(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The row that was handed out as the `place`th; asked once. */
  take(place: number): Row | undefined {
    const row = this.#underWay.get(place);
    this.#underWay.delete(place);
    return row;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const row = this.#nextInMemory();
    if (row !== undefined) return Promise.resolve({ done: false, value: this.#give(row) });
    return this.#ended ? Promise.resolve({ done: true, value: undefined }) : this.#readOn();
  }

  /** The runtime wants no more. */
  return(): Promise<IteratorResult<unknown, undefined>> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #readOn(): Promise<IteratorResult<unknown, undefined>> {
    try {
      const read = await this.#readOrStop();
      if (read === undefined || read.done === true) this.#ended = true;
      else {
        this.#batch = read.value;
        this.#at = 0;
        this.#cut += read.value.length;
      }
    } catch (error) {
      this.#error = error;
      this.#ended = true;
    }
    return this.next();
  }

  /**
   * The next batch, or nothing once stopped: a pipe may stay silent for ever. Not `Promise.race` with one promise for all reads,
   * which would keep every batch in memory until the end.
   */
  #readOrStop(): Promise<IteratorResult<readonly RawRow[], void> | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      this.#options.batches.next().then(resolve, reject);
    });
  }

  #nextInMemory(): RawRow | undefined {
    const { isSettled, limit } = this.#options;
    while (!this.#ended) {
      const row = this.#batch[this.#at];
      if (row === undefined) return undefined;
      if (this.#seen >= limit) {
        this.stop();
        return undefined;
      }
      this.#at += 1;
      this.#seen += 1;
      if (!isSettled(this.#seen - 1)) return row;
      this.#skipped += 1;
    }
    return undefined;
  }

  #give(raw: RawRow): unknown {
    const { reader, idField, keepRaw } = this.#options;
    const params = reader.decode(raw);
    const row = { index: this.#seen - 1, line: raw.line, id: idOf(params, idField), raw: keepRaw ? raw : undefined };
    this.#underWay.set(this.#given, row);
    this.#given += 1;
    return params;
  }
}

function idOf(params: unknown, field: string): unknown {
  if (typeof params !== 'object' || params === null || isOutcome(params) || !Object.hasOwn(params, field)) return null;
  return (params as Readonly<Record<string, unknown>>)[field]; // just found to be its own
}
