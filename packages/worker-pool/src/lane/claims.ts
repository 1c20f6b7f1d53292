/**
 * The words a lane and its host share. Four for each slot; a task holds one slot while it is on a lane.
 *
 * ```
 *            host: acquire            lane: begin            lane: finish
 *   (free) ───────────────▶ sent ───────────────▶ begun ───────────────▶ done ──▶ (free, by the host, with its outcome)
 *                            │ host: recall
 *                            ▼
 *                         recalled ──▶ (free at once)
 * ```
 *
 * Both `begin` and `recall` are one compare-and-swap on the same word, so exactly one of them wins, and neither waits for the other
 * thread: a spinning lane cannot keep a task that it has not begun. The word holds a generation beside the state; it changes with every
 * use of the slot, so that a lane that comes late to a recalled entry cannot mistake the slot's next task for it (no ABA).
 */
const WORDS_PER_SLOT = 4;
const CLAIM = 0;
const CANCEL = 1;
const STARTED = 2;
const RAN = 3;

const SENT = 0;
const BEGUN = 1;
const DONE = 2;
const RECALLED = 3;

/** Where the task in a slot stands, as the host sees it. */
export type ClaimState = 'sent' | 'begun' | 'done' | 'recalled';
const STATES: readonly ClaimState[] = ['sent', 'begun', 'done', 'recalled'];

/** Slots of one lane: room for about a millisecond of the smallest tasks. */
export const SLOTS = 1024;

/** `startedMs` of a task whose module is still loading: its own time has not begun. */
export const LOADING = 0;

/** Where the words of the slots end. What is behind them: see `pace.ts` and `loads.ts`. */
export const CLAIM_WORDS: number = SLOTS * WORDS_PER_SLOT;

/** The host's end of claims, whatever they are kept in. */
export type HostWords = Pick<HostClaims, keyof HostClaims>;

/** The lane's end of claims, whatever they are kept in. */
export type LaneWords = Pick<LaneClaims, keyof LaneClaims>;

/** The memory of one lane: its claims, the word of its pace, and that of its loads. */
export function createClaimMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((CLAIM_WORDS + 2) * Int32Array.BYTES_PER_ELEMENT);
}

function claimWord(generation: number, state: number): number {
  return (generation << 2) | state;
}

const MAX_GENERATION = 0x1fffffff;

/** 29 bits, so that it survives the shift that makes room for the state; never 0, which says in the cancel word that nobody is cancelled. */
export function nextGeneration(generation: number): number {
  return (generation + 1) & MAX_GENERATION || 1;
}

/** The host's end: gives slots out, takes tasks back, raises the cancel flag. */
export class HostClaims {
  readonly #words: Int32Array;
  // Invariant: a slot is in here exactly when no task holds it. The newest freed is used first: its cache line is warm.
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);
  readonly #generations = new Int32Array(SLOTS);

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  get freeSlots(): number {
    return this.#free.length;
  }

  /** Takes a slot and marks it `sent`; `undefined` when all are taken. The message that follows publishes the plain stores. */
  acquire(): number | undefined {
    const slot = this.#free.pop();
    if (slot === undefined) return undefined;
    const generation = nextGeneration(this.generation(slot));
    this.#generations[slot] = generation;
    const base = slot * WORDS_PER_SLOT;
    this.#words[base + CANCEL] = 0;
    this.#words[base + STARTED] = LOADING;
    Atomics.store(this.#words, base + CLAIM, claimWord(generation, SENT));
    return slot;
  }

  generation(slot: number): number {
    return this.#generations[slot] ?? 0;
  }

  /** As {@link acquire}, with `count` generations after the slot's that are nobody's until one is {@link passOn passed on}. */
  acquireFor(count: number): number | undefined {
    const slot = this.#free.at(-1);
    if (slot !== undefined && this.generation(slot) + count + 1 > MAX_GENERATION) this.#generations[slot] = 0;
    return this.acquire();
  }

  /** The slot's task gives its place to another, of a later generation. */
  passOn(slot: number, generation: number): void {
    this.#generations[slot] = generation;
  }

  /** Gives a slot back; its task has settled or was recalled. */
  release(slot: number): void {
    this.#free.push(slot);
  }

  /** Takes a task back that has not begun. Does not need the lane's help, even while it spins. */
  recall(slot: number): boolean {
    const generation = this.generation(slot);
    const sent = claimWord(generation, SENT);
    return Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + CLAIM, sent, claimWord(generation, RECALLED)) === sent;
  }

  /** Raises the flag that `ctx.throwIfCancelled()` reads. */
  cancel(slot: number): void {
    Atomics.store(this.#words, slot * WORDS_PER_SLOT + CANCEL, this.generation(slot));
  }

  state(slot: number): ClaimState {
    return STATES[Atomics.load(this.#words, slot * WORDS_PER_SLOT + CLAIM) & 3] ?? 'sent';
  }

  /** When the task began, on the process-wide clock (see `clock.ts`), or {@link LOADING}. */
  startedMs(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + STARTED);
  }

  /** Whether the lane said that `run` itself has begun. */
  hasRun(slot: number): boolean {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + RAN) === this.generation(slot);
  }
}

/** The lane's end: begins, finishes, reads the cancel flag. */
export class LaneClaims {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Claims a task for this lane; `false` when the host took it back. */
  begin(slot: number, generation: number): boolean {
    const sent = claimWord(generation, SENT);
    return Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + CLAIM, sent, claimWord(generation, BEGUN)) === sent;
  }

  /** Says when the task's own time began. */
  started(slot: number, nowMs: number): void {
    Atomics.store(this.#words, slot * WORDS_PER_SLOT + STARTED, nowMs | 0 || 1);
  }

  /** Says that hooks and validation are behind it and `run` itself begins; known to the host whatever becomes of the thread. */
  ran(slot: number, generation: number): void {
    Atomics.store(this.#words, slot * WORDS_PER_SLOT + RAN, generation);
  }

  /** Says that the task has ended and its outcome is on its way. */
  finish(slot: number, generation: number): void {
    Atomics.store(this.#words, slot * WORDS_PER_SLOT + CLAIM, claimWord(generation, DONE));
  }

  isCancelled(slot: number, generation: number): boolean {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + CANCEL) === generation;
  }
}
