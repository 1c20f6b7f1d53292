import type { Lane } from '../lane/lane.ts';
import { encodePack } from '../protocol/pack.ts';
import { Frame } from './frame.ts';
import type { Pack } from './pack.ts';

/** The frames of one lane: as many as it ever had packs at once. They end with it, since a thread that will not end may still write to them. */
export class LaneFrames {
  readonly #frames: Frame[] = [];
  // Invariant: the numbers of those that no pack on the lane uses.
  readonly #free: number[] = [];
  #count = 0;

  /** Puts a pack that is being sent into a frame; answers the message, and what of it is to be moved. */
  fill(pack: Pack, lane: Lane, action: number, generation: number): ReturnType<typeof encodePack> {
    const { id, plan, task, firstKey, params } = pack;
    const number = this.#take();
    const frame = this.#frames[number] ?? new Frame();
    this.#frames[number] = frame;
    pack.lane = lane;
    pack.frame = frame;
    pack.frameNumber = number;
    pack.generation = generation;
    pack.seen = 0;
    const { context, options } = plan;
    return encodePack(
      { action, slot: task.slot, generation, task: firstKey, timeoutMs: options.timeoutMs, frame: number, context, pack: id },
      params,
      frame,
    );
  }

  #take(): number {
    return this.#free.pop() ?? this.#count++;
  }

  giveBack(number: number): void {
    this.#free.push(number);
  }
}
