import { Frame } from '../pack/frame.ts';
import type { PackInput } from '../protocol/pack.ts';
import { PackItems } from '../protocol/pack.ts';
import { own } from './isolate.ts';

/** The frames that this lane has been shown, by its host's number: a view of shared memory costs more than an item. */
export class ShownFrames {
  readonly #frames: Frame[] = [];

  /** A pack as it came. */
  read(message: PackInput): PackItems {
    const [, , , , , , , number, memory] = message;
    const frame = this.#frames[number] ?? new Frame(memory);
    this.#frames[number] = frame;
    return new PackItems(message, frame, own);
  }
}
