import type { Runtime } from '@heddle/worker-pool';
import {
  type Contender,
  clockedContender,
  inlineContender,
  mapContender,
  type Setting,
  type ThreadClock,
  threadsContender,
  threadsName,
  turnsContender,
} from './contender.ts';
import type { Inline } from './inline.ts';
import type { Entry } from './measure.ts';

/** All that is measured, and the names by which it is compared. */
export interface Field {
  readonly entries: readonly Entry[];
  readonly clock: ThreadClock;
  /** What ratios refer to: inline, or one thread where the action does not run inline. */
  readonly base: string;
  /** The base once more, which should come out the same. */
  readonly again: string;
  readonly map: string;
}

/** Lines up the contenders. `runtimes` by their number of threads, ascending; the first has one. */
export function lineUp(
  setting: Setting,
  inline: Inline | undefined,
  runtimes: ReadonlyMap<number, Runtime>,
  one: Runtime,
  inFlight: number,
): Field {
  const onThreads = [...runtimes].map(([threads, runtime]) => threadsContender(setting, runtime, threads));
  const [most = 1, widest = one] = [...runtimes].at(-1) ?? [];
  const map = mapContender(setting, widest, most);
  const clock = clockedContender(setting, one);
  const base = inline === undefined ? threadsName(1) : 'inline';
  const again = `${base} again`;
  const control = inline === undefined ? threadsContender(setting, one, 1, again) : inlineContender(setting, inline, again);
  const ends = onThreads.filter(({ threads }) => threads === 1 || threads === most);
  const inlines: readonly Contender[] = inline === undefined ? [] : [inlineContender(setting, inline)];
  const turns: readonly Contender[] = inline === undefined ? [] : [turnsContender(setting, inline)];
  const entriesOf = (aspect: Entry['aspect'], contenders: readonly Contender[], atOnce: number): Entry[] =>
    contenders.map((contender) => ({ aspect, contender, inFlight: atOnce }));
  const entries = [
    ...entriesOf('saturated', [...inlines, control, ...onThreads, map], inFlight),
    ...entriesOf('single', [...inlines, ...ends], 1),
    ...entriesOf('loop', turns, 1),
    ...entriesOf('loop', ends, inFlight),
    ...entriesOf('handover', [clock], inFlight),
  ];
  return { entries, clock, base, again, map: map.name };
}
