import { type Spin, spin } from './spin.ts';

/** Work that now and then never ends. */
export interface Risky extends Spin {
  readonly forEver: boolean;
}

/** Computes, or spins until its thread is ended. */
export function risky({ forEver, ...params }: Risky): number {
  if (forEver) for (;;);
  return spin(params);
}
