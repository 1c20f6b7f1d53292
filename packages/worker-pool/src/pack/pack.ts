import type { Outcome } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import type { Lane } from '../lane/lane.ts';
import { Estimate } from '../scheduler/estimate.ts';
import { Task } from '../task.ts';
import type { ParsedTaskOptions } from '../task-options.ts';
import type { Frame } from './frame.ts';
import type { SettledItems } from './settled-items.ts';

/** Whom the items of packs belong to. */
export interface PackSink {
  /** Whether it wants to hear of each item by itself. */
  readonly oneByOne: boolean;
  /** Items that have ended well. */
  settledAll(items: SettledItems): void;
  /** An item has ended well. */
  settled(index: number, params: unknown, outcome: Outcome, durationUs: number, threadId: number | undefined, key: number): void;
  /** An item goes on as a task of its own, not settled yet. */
  continues(index: number, params: unknown, task: Task): void;
  /** That is all for now. */
  told(): void;
}

/** What all packs of one map have in common. */
export interface PackPlan {
  readonly entry: ActionEntry;
  readonly options: ParsedTaskOptions;
  readonly context: unknown;
  readonly sink: PackSink;
}

/** What a pack costs its lane for each item beside the item's own run. Microseconds. */
export const ITEM_OVERHEAD_US = 0.25;

/**
 * Items of one map that travel as one: one task in the scheduler's eyes (`task`), which stands for all of them. The items follow one
 * another in their source, and so do the numbers of their tasks.
 *
 * ```
 *   0 ─ told ─▶ reported ─ ended, on the way ─▶ the one that runs ─ may be claimed ─▶ end ─ taken back ─▶ params.length
 * ```
 */
export class Pack {
  /** No other has it, though what is taken back of this one may begin with the same item. */
  readonly id: number;
  readonly plan: PackPlan;
  readonly firstIndex: number;
  readonly firstKey: number;
  readonly params: readonly unknown[];
  readonly task: Task;
  /** While on a lane. */
  lane: Lane | undefined = undefined;
  frame: Frame | undefined = undefined;
  frameNumber = -1;
  /** Of its slot; its items' follow. */
  generation = 0;
  /** Items whose end is known here, or that are tasks of their own. */
  reported = 0;
  /** Items that are still its own. */
  end: number;
  /** The item before `end`, which runs, once it is a task of its own. */
  runner: Task | undefined = undefined;
  /** Items claimed when it was last looked at. */
  seen = 0;

  constructor(id: number, plan: PackPlan, firstIndex: number, firstKey: number, params: readonly unknown[]) {
    this.id = id;
    this.plan = plan;
    this.firstIndex = firstIndex;
    this.firstKey = firstKey;
    this.params = params;
    this.end = params.length;
    this.task = new Task(firstKey, packEntry(plan.entry, params.length), plan.options, this, undefined);
  }

  /** An item as a task, not begun. */
  taskOf(item: number): Task {
    const { entry, options, context } = this.plan;
    return new Task(this.firstKey + item, entry, options, this.params[item], context);
  }

  /** Items that the counts of tasks leave out: all that it holds but the one that is counted for it. */
  get uncounted(): number {
    return this.end - this.reported - 1;
  }
}

/** The pack that a task stands for. */
export function packOf(task: Task): Pack | undefined {
  return task.entry.role === 'pack' ? (task.params as Pack) : undefined; // made above, and nowhere else
}

/** The entry of the action that a task runs. */
export function actionEntryOf(task: Task): ActionEntry {
  return packOf(task)?.plan.entry ?? task.entry;
}

function packEntry({ action, options, estimate }: ActionEntry, count: number): ActionEntry {
  const whole = new Estimate();
  whole.add(count * ((estimate.us ?? 0) + ITEM_OVERHEAD_US));
  return { action, params: undefined, objectParams: false, options, estimate: whole, role: 'pack', compensation: undefined };
}
