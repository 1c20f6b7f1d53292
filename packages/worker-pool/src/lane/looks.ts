import type { LaneLook } from '../protocol/output.ts';

type Tell = (look: Partial<LaneLook>) => void;

/** Those who have asked a lane what it is like inside, and wait for its answer. One question is under way at a time: a lane that computes hears it later. */
export class Looks {
  readonly #ask: () => void;
  readonly #waiting = new Set<Tell>();
  #asked = false;
  #ended = false;

  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** `tell` is called when the lane has come to answer, and with nothing when it has ended. The function that is given back ends the wait. */
  ask(tell: Tell): () => void {
    if (this.#ended) {
      tell({});
      return () => {};
    }
    this.#waiting.add(tell);
    if (!this.#asked) {
      this.#asked = true;
      this.#ask();
    }
    return () => void this.#waiting.delete(tell);
  }

  answered(look: Partial<LaneLook>): void {
    this.#asked = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const tell of waiting) tell(look);
  }

  end(): void {
    this.#ended = true;
    this.answered({});
  }
}
