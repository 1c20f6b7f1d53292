import type { OpenPeer } from '../peer/peer.ts';
import type { Work } from '../work/work.ts';

/** A peer with the work it does and the params it gets. */
export interface Driven<P, V> {
  readonly peer: OpenPeer<P, V>;
  readonly work: Work<P, V>;
  readonly params: readonly P[];
}

/** Makes `count` calls, `inFlight` at a time: as many callers, each waiting for its answer before it asks again. Checks every answer. */
export async function drive<P, V>({ peer, work, params }: Driven<P, V>, count: number, inFlight: number): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const given = params[next++ % params.length] as P; // the list is not empty
      work.check(given, peer.valueOf(await peer.run(given)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, caller));
}

/** Calls before any is measured: V8 compiles the last parts of the way, on both sides, only after some ten thousand. */
const WARM_CALLS = 30_000;

/** Makes a peer's code hot. */
export async function warmUp<P, V>(driven: Driven<P, V>): Promise<void> {
  await drive(driven, WARM_CALLS, 16);
  await drive(driven, WARM_CALLS / 10, 1);
}

/** How many calls take about `sliceMs` at this load. Expects a hot peer, and leaves it hot for this load: what it does takes four slices or more. */
export async function calibrate<P, V>(driven: Driven<P, V>, inFlight: number, sliceMs: number): Promise<number> {
  let count = Math.max(64, inFlight * 2);
  for (;;) {
    const begun = performance.now();
    await drive(driven, count, inFlight);
    const tookMs = performance.now() - begun;
    if (tookMs >= 3 * sliceMs) return Math.max(inFlight * 2, Math.round((count * sliceMs) / tookMs));
    count = Math.ceil(count * Math.min(8, Math.max(1.5, (3.5 * sliceMs) / tookMs)));
  }
}

/** How long one call takes. Milliseconds. */
export async function timeOne<P, V>({ peer, work }: Driven<P, V>, params: P): Promise<number> {
  const begun = performance.now();
  const settled = await peer.run(params);
  const tookMs = performance.now() - begun;
  work.check(params, peer.valueOf(settled));
  return tookMs;
}
