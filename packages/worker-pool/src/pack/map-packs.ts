import { isOutcome } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { inputFault } from '../input-fault.ts';
import { hasClocks } from '../task-clocks.ts';
import type { ParsedTaskOptions } from '../task-options.ts';
import { PACK_ITEMS } from './frame.ts';
import { ITEM_OVERHEAD_US, type PackPlan, type PackSink } from './pack.ts';

/** Longer ones gain nothing by it. Microseconds. */
const LONGEST_US = 100;
/** How much work a pack should hold: a lane has two of them, and is filled up when it holds less than half a millisecond. Microseconds. */
const PACK_US = 400;
/** Fewer go one by one. */
const FEWEST = 4;

/** The packs of one map. */
export interface MapPacks {
  /** How many items a pack may hold now; 0 = each item is a task of its own. `window`: items that may be under way. */
  size(window: number): number;
  /** Whether these params may go by a pack as they are. */
  takes(params: unknown): boolean;
  /** Starts items that it takes; there are no fewer than {@link fewest}. */
  submit(firstIndex: number, params: readonly unknown[]): void;
  readonly fewest: number;
  /** Every item that has not ended is a task of its own from here on. */
  dissolve(): void;
}

/** What a map is run with. */
export interface MapPackOptions {
  readonly entry: ActionEntry;
  readonly options: ParsedTaskOptions;
  readonly context: unknown;
  readonly sink: PackSink;
  /** @throws HeddleError `closed` */
  assertOpen(): void;
}

/**
 * The packs of a map, where its items may share any: tasks that need nothing but to be run. Those with clocks of their own, a fresh lane, or
 * a compensation need a record each, and so do those of a runtime with propagators, a bounded queue, or lanes that run several at once.
 */
export function mapPacks(dispatcher: Dispatcher, { entry, options, context, sink, assertOpen }: MapPackOptions): MapPacks | undefined {
  if (!dispatcher.packs.allowed || entry.compensation !== undefined || options.isolate || options.timeoutMs === 0 || hasClocks(options))
    return undefined;
  const plan: PackPlan = { entry, options, context, sink };
  return {
    fewest: FEWEST,
    size(window) {
      const { us, awaits } = entry.estimate;
      // One that awaits leaves its pack, which costs more than it saves, and goes ahead of those behind it.
      if (us === undefined || us > LONGEST_US || awaits || options.signal?.aborted === true || !dispatcher.packs.wanted(options)) return 0;
      const lanes = Math.max(1, dispatcher.scheduler.maxLanes);
      const size = Math.min(PACK_ITEMS, Math.floor(PACK_US / (us + ITEM_OVERHEAD_US)), Math.floor(window / (2 * lanes)));
      return size < FEWEST ? 0 : size;
    },
    takes(params) {
      assertOpen();
      // What `admit` would refuse, or send otherwise, goes by a task, which says so.
      if (isOutcome(params) || (params === undefined && entry.objectParams)) return false;
      if (inputFault(entry.action.name, entry.objectParams, params, context) !== undefined) return false;
      return entry.params === undefined || entry.params.validate(params).ok;
    },
    submit: (firstIndex, params) => dispatcher.packs.submit(plan, firstIndex, params),
    dissolve: () => dispatcher.packs.dissolve(plan),
  };
}
