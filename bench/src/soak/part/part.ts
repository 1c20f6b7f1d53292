import type { Stage } from '../stage.ts';

/** One kind of thing that happens in a soak. */
export interface Part {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly weight: number;
  /** Settles when all that it started has ended. Never rejects for what its work does. */
  run(stage: Stage): Promise<unknown>;
}
