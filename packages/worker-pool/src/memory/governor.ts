import { HeddleError } from '@heddle/core';
import type { Clock, Timer } from '../clock.ts';
import type { RuntimeEvent } from '../event.ts';
import { type Holder, likeliestHolder } from './suspect.ts';

/** Milliseconds between two looks: a thread that fills Buffers takes a gigabyte in a few hundred. */
const LOOK_EVERY_MS = 50;
/** Milliseconds a thread has to say what it holds. */
const ANSWER_WITHIN_MS = 100;
/** Milliseconds for what was stopped to be gone, before anybody else is. */
const REST_MS = 1000;
const MB = 2 ** 20;

/** What a governor asks of its runtime. */
export interface GovernorPorts<L> {
  readonly clock: Clock;
  /** Resident memory of this process in bytes. */
  rssBytes(): number;
  lanes(): Iterable<L>;
  /** What a lane's thread holds; `undefined` where Node cannot tell. */
  bytesOf(lane: L): Promise<number | undefined>;
  runningMs(lane: L): number | undefined;
  /** Ends a lane: what has begun on it fails with the error, and nothing else is harmed. */
  stop(lane: L, error: HeddleError): void;
  tell(event: RuntimeEvent): void;
}

/**
 * Keeps the process below a limit of resident memory, by best effort: Node limits the heap of a thread and not its Buffers. Looks every
 * {@link LOOK_EVERY_MS}; past the limit it ends the lane that holds the most. What takes memory faster than it looks, or while the main
 * loop is blocked, it does not hold.
 */
export class MemoryGovernor<L extends { readonly threadId: number }> {
  readonly #ports: GovernorPorts<L>;
  readonly #limitBytes: number;
  #timer: Timer | undefined;
  #closed = false;
  /** The lowest since it was last past the limit, and when memory was last below half way from there. */
  #lowBytes = Number.POSITIVE_INFINITY;
  #halfWayAtMs = 0;

  constructor(maxRssMb: number, ports: GovernorPorts<L>) {
    this.#ports = ports;
    this.#limitBytes = maxRssMb * MB;
    this.#lookIn(LOOK_EVERY_MS);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #lookIn(delayMs: number): void {
    if (!this.#closed) this.#timer = this.#ports.clock.after(delayMs, () => this.#look(), true);
  }

  #look(): void {
    const rss = this.#ports.rssBytes();
    this.#lowBytes = Math.min(this.#lowBytes, rss);
    if (rss <= (this.#lowBytes + this.#limitBytes) / 2) this.#halfWayAtMs = this.#ports.clock.now();
    if (rss <= this.#limitBytes) this.#lookIn(LOOK_EVERY_MS);
    else void this.#relieve(rss).then(() => this.#lookIn(REST_MS)); // never rejects
  }

  async #relieve(rss: number): Promise<void> {
    const { clock, stop, tell, lanes } = this.#ports;
    const holders = await Promise.all([...lanes()].map((lane) => this.#holder(lane)));
    if (this.#closed) return;
    const most = likeliestHolder(holders, this.#limitBytes, clock.now() - this.#halfWayAtMs);
    this.#lowBytes = Number.POSITIVE_INFINITY;
    const rssMb = Math.round(rss / MB);
    const maxRssMb = Math.round(this.#limitBytes / MB);
    const heldMb = most?.bytes === undefined ? undefined : Math.round(most.bytes / MB);
    const held = heldMb === undefined ? {} : { heldMb };
    tell({ kind: 'memoryExceeded', rssMb, maxRssMb, ...held, ...(most === undefined ? {} : { threadId: most.lane.threadId }) });
    if (most !== undefined) stop(most.lane, memoryError({ rssMb, maxRssMb, ...held }));
  }

  /** Asks a lane, and does not wait for one that cannot answer. */
  #holder(lane: L): Promise<Holder<L>> {
    const { clock, bytesOf, runningMs } = this.#ports;
    return new Promise((resolve) => {
      const answer = (bytes: number | undefined): void => {
        limit.cancel();
        resolve({ lane, bytes, runningMs: runningMs(lane) });
      };
      const limit = clock.after(ANSWER_WITHIN_MS, () => answer(undefined), true);
      bytesOf(lane).then(answer, () => answer(undefined));
    });
  }
}

function memoryError(details: { readonly rssMb: number; readonly maxRssMb: number; readonly heldMb?: number }): HeddleError {
  const { rssMb, maxRssMb, heldMb } = details;
  const held = heldMb === undefined ? 'and its thread was the likeliest to hold it' : `of which its thread held ${heldMb} MB`;
  const message = `The process used ${rssMb} MB, more than \`memory.maxRssMb\` (${maxRssMb}), ${held}: it was stopped. Give it less at once, or raise the limit`;
  return new HeddleError('limit_exceeded', message, { details: { ...details } });
}
