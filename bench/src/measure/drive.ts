import type { OpenPeer } from '../peer/peer.ts';
import type { Moving, Work } from '../work/work.ts';

/** A peer with the work it does and the params it gets. */
export interface Driven<P, V> {
  readonly peer: OpenPeer<P, V>;
  readonly work: Work<P, V>;
  readonly params: readonly P[];
  /** What came back of work that moves its params, to be sent again. */
  readonly returned?: P[];
}

/** Makes `count` calls, `inFlight` at a time: as many callers, each waiting for its answer before it asks again. Checks every answer. */
export async function drive<P, V>(driven: Driven<P, V>, count: number, inFlight: number): Promise<void> {
  const { peer, work, params } = driven;
  const callers = Math.min(inFlight, count);
  if (work.moving !== undefined) return driveMoving(driven, work.moving, count, callers);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const given = params[next++ % params.length] as P; // the list is not empty
      work.check(given, peer.valueOf(await peer.run(given)));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** What is moved is gone: each caller sends on what comes back to it. */
async function driveMoving<P, V>(
  { peer, params, returned = [] }: Driven<P, V>,
  moving: Moving<P, V>,
  count: number,
  callers: number,
): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    let given = returned.pop() ?? moving.copy(params[0] as P); // the list is not empty
    while (next++ < count) {
      const mark = moving.mark(given);
      given = moving.next(mark, peer.valueOf(await peer.run(given)));
    }
    returned.push(given);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Calls before any is measured: V8 compiles the last parts of the way, on both sides, only after some ten thousand. */
const WARM_CALLS = 30_000;

/**
 * Makes a peer's code hot. The slow ones, which would need minutes, are let off after `capMs` of CPU time: of the process, so that a busy
 * machine lets nobody off earlier.
 */
export async function warmUp<P, V>(driven: Driven<P, V>, capMs: number): Promise<void> {
  await warm(driven, WARM_CALLS, 16, capMs);
  await warm(driven, WARM_CALLS / 10, 1, capMs / 4);
}

async function warm<P, V>(driven: Driven<P, V>, calls: number, inFlight: number, capMs: number): Promise<void> {
  const begun = process.cpuUsage();
  const usedMs = (): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
  let part = Math.min(inFlight, calls);
  for (let made = 0; made < calls && usedMs() < capMs; part = Math.min(2 * part, calls - made)) {
    await drive(driven, part, inFlight);
    made += part;
  }
}

/** How many calls take about `sliceMs` at this load. Expects a hot peer, and leaves it hot for this load: what it does takes three slices or more. */
export async function calibrate<P, V>(driven: Driven<P, V>, inFlight: number, sliceMs: number): Promise<number> {
  let count = Math.max(8, inFlight <= 16 ? inFlight : inFlight * 2);
  for (;;) {
    const begun = performance.now();
    await drive(driven, count, inFlight);
    const tookMs = performance.now() - begun;
    // Where calls are very long, one for each caller has to do.
    const least = tookMs > 10 * sliceMs ? inFlight : inFlight * 2;
    if (tookMs >= 3 * sliceMs) return Math.max(least, Math.round((count * sliceMs) / tookMs));
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
