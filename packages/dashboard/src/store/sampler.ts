import type { TaskKind } from '@heddle/worker-pool';

/** Tasks of one action that are followed in a tick, about. */
const PER_ACTION = 50;
/** Tasks that are followed in a tick at the most, plain ones and all others each. */
const PER_TICK = 250;
/** Actions that are known; past it all are learned anew. */
const MAX_ACTIONS = 500;

interface Stride {
  /** Every so many are followed. */
  every: number;
  seen: number;
  left: number;
}

/**
 * Says which tasks are followed: all where there are few; of thousands every n-th, so that no time of the tick is favoured. What following
 * costs is bounded, whatever the load.
 */
export class Sampler {
  readonly #strides = new Map<string, Stride>();
  // The action of one task is as a rule that of the next.
  #lastAction = '';
  #lastStride: Stride | undefined;
  #plainLeft = PER_TICK;
  #othersLeft = PER_TICK;

  follows(action: string, kind: TaskKind): boolean {
    if (kind !== 'plain') return this.#othersLeft-- > 0;
    const stride = this.#strideOf(action);
    stride.seen++;
    if (--stride.left > 0) return false;
    stride.left = stride.every;
    return this.#plainLeft-- > 0;
  }

  #strideOf(action: string): Stride {
    if (this.#lastStride !== undefined && this.#lastAction === action) return this.#lastStride;
    if (this.#strides.size >= MAX_ACTIONS) this.#strides.clear();
    const stride = this.#strides.get(action) ?? { every: 1, seen: 0, left: 0 };
    this.#strides.set(action, stride);
    this.#lastAction = action;
    this.#lastStride = stride;
    return stride;
  }

  /** A tick is over: the next one's strides are by what came in it. */
  tick(): void {
    for (const stride of this.#strides.values()) {
      stride.every = Math.max(1, Math.ceil(stride.seen / PER_ACTION));
      stride.left = Math.min(stride.left, stride.every);
      stride.seen = 0;
    }
    this.#plainLeft = PER_TICK;
    this.#othersLeft = PER_TICK;
  }
}
