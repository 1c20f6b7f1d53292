import { fail, HeddleError, type Outcome, ok } from '@heddle/core';
import { BytesReader } from '../protocol/bytes.ts';
import { decodeOutcome } from '../protocol/codec.ts';
import type { PackOutput } from '../protocol/pack.ts';
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
} from './frame.ts';

/** What is read of a frame. */
type FrameResults = Pick<Frame, 'results' | 'values'>;

/** How items ended, read in their order: from the frame, and what does not fit there from the lane's message. */
export class ResultReader {
  readonly #frame: FrameResults;
  readonly #values: readonly unknown[];
  readonly #bytes: BytesReader | undefined;
  readonly #exceptions: readonly unknown[];
  #value = 0;
  #exception = 0;

  constructor(frame: FrameResults, [, , , , values, bytes, exceptions]: PackOutput) {
    this.#frame = frame;
    this.#values = values;
    this.#bytes = bytes === undefined ? undefined : new BytesReader(bytes);
    this.#exceptions = exceptions;
  }

  next(item: number): Outcome {
    const { results } = this.#frame;
    switch (results[item]) {
      case RESULT_VALUE:
        return ok(this.#values[this.#value++]);
      case RESULT_BYTES:
        return ok(this.#bytes?.next());
      case RESULT_EXCEPTION: {
        const at = this.#exception;
        this.#exception += 2;
        return decodeOutcome(this.#exceptions[at], this.#exceptions[at + 1]);
      }
      default:
        return frameOutcome(this.#frame, item) ?? fail(new HeddleError('internal_error', 'A lane told of an item that it has not ended'));
    }
  }
}

/** How an item ended, if the frame alone says so. */
export function frameOutcome({ results, values }: FrameResults, item: number): Outcome | undefined {
  switch (results[item]) {
    case RESULT_NUMBER:
      return ok(values[item]);
    case RESULT_UNDEFINED:
      return ok(undefined);
    case RESULT_NULL:
      return ok(null);
    case RESULT_TRUE:
      return ok(true);
    case RESULT_FALSE:
      return ok(false);
    default:
      return undefined;
  }
}
