import type { LanePlace } from '@heddle/worker-pool';

/** Threads that are remembered; a lane that was replaced is asked for as long as its tasks are kept. */
const MAX_THREADS = 500;

/** What a lane is called: its index, with an `s` before it for those of stateful work. */
export function laneName({ index, stateful }: Pick<LanePlace, 'index' | 'stateful'>): string {
  return stateful ? `s${index}` : String(index);
}

/** The lanes of threads, those that have ended included. */
export class LaneNames {
  readonly #names = new Map<number, string>();

  /** Learns where threads stand now. */
  learn(places: readonly LanePlace[]): void {
    for (const place of places) this.#names.set(place.threadId, laneName(place));
    for (const threadId of this.#names.keys()) {
      if (this.#names.size <= MAX_THREADS) return;
      this.#names.delete(threadId);
    }
  }

  of(threadId: number | undefined): string | undefined {
    return threadId === undefined ? undefined : this.#names.get(threadId);
  }
}
