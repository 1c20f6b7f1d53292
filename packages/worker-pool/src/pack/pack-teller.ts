import type { Outcome } from '@heddle/core';
import type { Task } from '../task.ts';
import type { Pack, PackPlan } from './pack.ts';
import type { SettledItems } from './settled-items.ts';

/** What is told of items beside their map. */
export interface TellEffects {
  /** So many tasks have ended well. */
  completed(count: number): void;
  /** One that was part of a pack is a task like others from here on. */
  single(task: Task): void;
  attemptEnded(task: Task, outcome: Outcome): void;
}

/** Tells how the items of packs ended: of plain ones their map, of the others who deals with tasks. */
export class PackTeller {
  readonly #effects: TellEffects;

  constructor(effects: TellEffects) {
    this.#effects = effects;
  }

  /** Items have ended well, one after the other. */
  tellAll({ entry: { estimate }, sink }: PackPlan, items: SettledItems): void {
    const { durations, count } = items;
    for (let at = 0; at < count; at++) estimate.add(durations[at] ?? 0);
    if (count > 0) {
      sink.settledAll(items);
      this.#effects.completed(count);
    }
    sink.told();
  }

  /** Items from `from` on have ended. */
  tell(pack: Pack, from: number, outcomes: readonly Outcome[], durations: Float32Array, threadId: number | undefined): void {
    const { plan, firstIndex, firstKey, params, runner, end } = pack;
    const { sink } = plan;
    const { estimate } = plan.entry;
    let completed = 0;
    for (let at = 0; at < outcomes.length; at++) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
      const item = from + at;
      const durationUs = durations[at] ?? 0;
      estimate.add(durationUs);
      if (runner !== undefined && item === end - 1) this.#ended(runner, outcome, durationUs, threadId);
      else if (outcome.ok) {
        completed++;
        sink.settled(firstIndex + item, params[item], outcome, durationUs, threadId, firstKey + item);
      } else this.#ended(this.single(pack, item), outcome, durationUs, threadId);
    }
    if (completed > 0) this.#effects.completed(completed);
    sink.told();
  }

  /** The attempt of an item that is a task of its own is over. */
  #ended(task: Task, outcome: Outcome, durationUs: number | undefined, threadId: number | undefined): void {
    if (task.phase === 'queued') task.phase = 'sent';
    task.attempts = 1;
    task.threadId = threadId;
    if (durationUs !== undefined) task.durationUs = durationUs;
    this.#effects.attemptEnded(task, outcome);
  }

  /** Makes an item a task of its own. */
  single(pack: Pack, item: number): Task {
    const task = pack.taskOf(item);
    pack.plan.sink.continues(pack.firstIndex + item, pack.params[item], task);
    this.#effects.single(task);
    return task;
  }
}
