import { Frame } from './frame.ts';

/** The frames of one lane: as many as it ever had packs at once. They end with it, since a thread that will not end may still write to them. */
export class LaneFrames {
  readonly #frames: Frame[] = [];
  // Invariant: the numbers of those that no pack on the lane uses.
  readonly #free: number[] = [];

  /** The number of one that is free from here on no more. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#frames.push(new Frame());
    return this.#frames.length - 1;
  }

  at(number: number): Frame {
    const frame = this.#frames[number];
    if (frame === undefined) throw new Error('internal: a lane has no such frame');
    return frame;
  }

  giveBack(number: number): void {
    this.#free.push(number);
  }
}
