import type { MapItem } from '../map-options.ts';
import type { PackOutput } from '../protocol/pack.ts';
import { type Frame, RESULT_EXCEPTION } from './frame.ts';
import { ResultReader } from './results.ts';

/**
 * Items that followed one another in a source and have ended well. Nothing is made for any of them before it is taken: what waits to be
 * taken is then old for nobody, and its collection costs nothing (`bench map`: a third of all its processor time).
 */
export class SettledItems {
  readonly firstIndex: number;
  readonly count: number;
  readonly durations: Float32Array;
  readonly #params: readonly unknown[];
  readonly #from: number;
  readonly #threadId: number | undefined;
  readonly #reader: ResultReader;
  #taken = 0;

  /** `firstIndex`, `params`: of the pack; `from` and `upTo` bound what ended of it. The frame may be used anew afterwards. */
  constructor(firstIndex: number, params: readonly unknown[], from: number, upTo: number, ended: Ended) {
    this.firstIndex = firstIndex + from;
    this.count = upTo - from;
    this.#params = params;
    this.#from = from;
    this.#threadId = ended.threadId;
    const { frame } = ended;
    this.durations = frame.durations.slice(from, upTo);
    const kept = { values: frame.values.slice(from, upTo), results: frame.results.slice(from, upTo) };
    this.#reader = new ResultReader(kept, ended.message);
  }

  get left(): number {
    return this.count - this.#taken;
  }

  /** The next in order. Not to be called when none is left. */
  take(): MapItem<unknown, unknown> {
    const at = this.#taken++;
    return {
      index: this.firstIndex + at,
      params: this.#params[this.#from + at],
      outcome: this.#reader.next(at),
      attempts: 1,
      durationMs: (this.durations[at] ?? 0) / 1000,
      threadId: this.#threadId,
    };
  }
}

interface Ended {
  readonly frame: Frame;
  readonly message: PackOutput;
  readonly threadId: number | undefined;
}

/** Whether all of these ended well. */
export function allWell({ results }: Frame, from: number, upTo: number): boolean {
  for (let item = from; item < upTo; item++) if (results[item] === RESULT_EXCEPTION) return false;
  return true;
}
