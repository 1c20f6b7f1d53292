import { accessSync, closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClaimState, createClaimMemory, HostClaims, type HostWords, type LaneWords, LOADING, SLOTS } from './claims.ts';

/**
 * The claim words of a lane in another process: a small file instead of shared memory, written and read in place by both sides. Nothing
 * waits for the other side's event loop, as with shared memory, and what a process has written survives it, however it ends.
 *
 * A file has no compare-and-swap, so that each word has one writer, and a task that is claimed and taken back at the same moment is
 * decided as in Dekker's algorithm: each side says what it wants before it looks at what the other has said.
 *
 * ```
 *   lane, begin:    write claim = begun;   read verdict:  newer or recalled → not ours · asking → look again · else → ours
 *   host, recall:   write verdict = asking;  read claim:  begun → write refused · else → write recalled
 * ```
 *
 * Whoever writes second sees what the first wrote, so that at least one of them knows of both. A lane that finds itself asked waits for the
 * verdict, which is the host's next instruction. All words hold the generation of their task, as in `claims.ts`.
 */
const SLOT_BYTES = 32;
// The lane's words.
const CLAIM = 0;
const STARTED = 4;
const RAN = 8;
// The host's words.
const VERDICT = 16;
const CANCEL = 20;

const BEGUN = 1;
const DONE = 2;

const ASKING = 0;
const REFUSED = 1;
const RECALLED = 3;

const GENERATION_MASK = 0x1fffffff;
/**
 * How far a verdict may be ahead of a task, or behind it: a lane comes upon a task that was recalled before its slot has been used this often
 * again, and the host writes one down at least this often.
 */
const GENERATION_SPAN = 1 << 20;
/** Milliseconds for which a lane believes that nobody was cancelled: a look at the file costs a microsecond. */
const LOOK_EVERY_MS = 1;
/** Looks at a verdict that is not there yet before the lane sleeps between them: the host was interrupted at the worst moment. */
const BUSY_LOOKS = 1000;

/** A claim file, as its maker has it. */
export interface ClaimFile {
  readonly path: string;
  readonly descriptor: number;
  /** Removes the name; what has it open keeps it. */
  unlink(): void;
}

/**
 * Makes an empty claim file where files are memory, if there is such a place, else among the temporary files.
 *
 * @throws Error of the file system
 */
export function createClaimFile(): ClaimFile {
  const folder = mkdtempSync(join(memoryFolder(), 'heddle-'));
  const path = join(folder, 'claims');
  const unlink = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const descriptor = openSync(path, 'wx+', 0o600);
    // All of it now, so that no later write can find the place full.
    writeSync(descriptor, new Uint8Array(SLOTS * SLOT_BYTES), 0, SLOTS * SLOT_BYTES, 0);
    return { path, descriptor, unlink };
  } catch (error) {
    unlink();
    throw error;
  }
}

function memoryFolder(): string {
  const memory = '/dev/shm';
  try {
    accessSync(memory, constants.W_OK);
    return memory;
  } catch {
    return tmpdir();
  }
}

/** Words are read and written in one call each: a few aligned bytes are never seen half written. */
class Words {
  readonly #descriptor: number;
  readonly #word = new Int32Array(1);
  readonly #pair = new Int32Array(2);
  /** What the file said when it was closed. */
  #last: Int32Array | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Closes the file; it can still be read, as it was. */
  close(): void {
    if (this.#last !== undefined) return;
    const last = new Int32Array((SLOTS * SLOT_BYTES) / 4);
    readSync(this.#descriptor, last, 0, SLOTS * SLOT_BYTES, 0);
    this.#last = last;
    closeSync(this.#descriptor);
  }

  read(slot: number, word: number): number {
    if (this.#last !== undefined) return this.#last[(slot * SLOT_BYTES + word) / 4] ?? 0;
    readSync(this.#descriptor, this.#word, 0, 4, slot * SLOT_BYTES + word);
    return this.#word[0] ?? 0;
  }

  write(slot: number, word: number, value: number): void {
    if (this.#last !== undefined) return;
    this.#word[0] = value;
    writeSync(this.#descriptor, this.#word, 0, 4, slot * SLOT_BYTES + word);
  }

  /** Two words that lie beside each other. */
  writePair(slot: number, word: number, first: number, second: number): void {
    this.#pair[0] = first;
    this.#pair[1] = second;
    writeSync(this.#descriptor, this.#pair, 0, 8, slot * SLOT_BYTES + word);
  }
}

function wordOf(generation: number, state: number): number {
  return (generation << 2) | state;
}

function generationOf(word: number): number {
  return (word >>> 2) & GENERATION_MASK;
}

/** The host's end. */
export class FileHostClaims implements HostWords {
  readonly #words: Words;
  /** Which slots are taken, and by which generation: the host's own business, as with shared memory. */
  readonly #slots = new HostClaims(createClaimMemory());
  // Invariant: the generation of the slot's verdict in the file.
  readonly #judged = new Int32Array(SLOTS);

  constructor(descriptor: number) {
    this.#words = new Words(descriptor);
  }

  get freeSlots(): number {
    return this.#slots.freeSlots;
  }

  acquire(): number | undefined {
    return this.#acquired(this.#slots.acquire());
  }

  acquireFor(count: number): number | undefined {
    return this.#acquired(this.#slots.acquireFor(count));
  }

  /** Nothing is written, but now and then: what stands in the file is of an older generation. */
  #acquired(slot: number | undefined): number | undefined {
    if (slot === undefined) return undefined;
    const behind = this.generation(slot) - (this.#judged[slot] ?? 0);
    if (behind < 0 || behind >= GENERATION_SPAN) this.#judge(slot, REFUSED);
    return slot;
  }

  #judge(slot: number, verdict: number): void {
    const generation = this.generation(slot);
    this.#judged[slot] = generation;
    this.#words.write(slot, VERDICT, wordOf(generation, verdict));
  }

  passOn(slot: number, generation: number): void {
    this.#slots.passOn(slot, generation);
  }

  generation(slot: number): number {
    return this.#slots.generation(slot);
  }

  release(slot: number): void {
    this.#slots.release(slot);
  }

  recall(slot: number): boolean {
    this.#judge(slot, ASKING);
    const recalled = this.state(slot) === 'sent';
    this.#judge(slot, recalled ? RECALLED : REFUSED);
    return recalled;
  }

  cancel(slot: number): void {
    this.#words.write(slot, CANCEL, this.generation(slot));
  }

  state(slot: number): ClaimState {
    const claim = this.#words.read(slot, CLAIM);
    if (generationOf(claim) !== this.generation(slot)) return 'sent';
    return (claim & 3) === DONE ? 'done' : 'begun';
  }

  startedMs(slot: number): number {
    return this.state(slot) === 'sent' ? LOADING : this.#words.read(slot, STARTED);
  }

  hasRun(slot: number): boolean {
    return this.#words.read(slot, RAN) === this.generation(slot);
  }

  /** The lane has ended. What it had said last can still be asked for. */
  close(): void {
    this.#words.close();
  }
}

/** The lane's end. */
export class FileLaneClaims implements LaneWords {
  readonly #words: Words;
  readonly #nap = new Int32Array(new SharedArrayBuffer(4));
  readonly #orphaned: () => void;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** `orphaned` is called now and then while the lane computes or waits: it ends the process whose host is gone. */
  constructor(path: string, orphaned: () => void) {
    this.#words = new Words(openSync(path, 'r+'));
    this.#orphaned = orphaned;
  }

  begin(slot: number, generation: number): boolean {
    this.#words.writePair(slot, CLAIM, wordOf(generation, BEGUN), LOADING);
    for (let looks = 0; ; looks++) {
      const verdict = this.#words.read(slot, VERDICT);
      const lead = (generationOf(verdict) - generation) & GENERATION_MASK;
      // Ahead, the slot has had another task since, and this one was recalled before; behind, the verdict was on an earlier one.
      if (lead !== 0) return lead > 2 * GENERATION_SPAN;
      if ((verdict & 3) !== ASKING) return (verdict & 3) === REFUSED;
      if (looks > BUSY_LOOKS) this.#wait();
    }
  }

  #wait(): void {
    this.#orphaned();
    Atomics.wait(this.#nap, 0, 0, LOOK_EVERY_MS);
  }

  started(slot: number, nowMs: number): void {
    this.#words.write(slot, STARTED, nowMs | 0 || 1);
  }

  ran(slot: number, generation: number): void {
    this.#words.write(slot, RAN, generation);
  }

  finish(slot: number, generation: number): void {
    this.#words.write(slot, CLAIM, wordOf(generation, DONE));
  }

  /** Looks at the file once a millisecond; what it said is believed until then. */
  isCancelled(slot: number, generation: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return false;
    const cancelled = this.#words.read(slot, CANCEL) === generation;
    if (cancelled) return true;
    this.#lookedMs = nowMs;
    this.#orphaned();
    return false;
  }

  /** Somebody was cancelled: the next question is answered from the file. */
  look(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }
}
