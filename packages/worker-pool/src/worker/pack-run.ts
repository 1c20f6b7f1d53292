import type { Outcome } from '@heddle/core';
import { runAttempt } from '@heddle/core/engine';
import { processNow } from '../clock.ts';
import type { TaskInput } from '../protocol/input.ts';
import { OUTPUT_PACK } from '../protocol/output.ts';
import { PACK_DONE, PACK_LEFT, PACK_MORE, type PackItems, type PackOutput } from '../protocol/pack.ts';
import { type LaneAction, learnDuration, mayHoldBack } from './lane-action.ts';
import type { LoadedAction } from './load-action.ts';
import { PackResults } from './pack-results.ts';
import { type LaneServices, TaskContext } from './task-context.ts';

/** Results that wait longer than this for others are posted. Milliseconds. */
const HOLD_MS = 0.25;

/** What a pack needs of its lane. */
export interface PackLane {
  readonly services: LaneServices;
  /** What runs from here on runs for this attempt. */
  enter(ctx: TaskContext): void;
  /** The attempt is a task of its own from here on: messages name it. */
  running(ctx: TaskContext): void;
  /** How that attempt goes on. */
  goOn(ctx: TaskContext, action: LaneAction, startedMs: number, result: Outcome | Promise<Outcome>): void;
  post(message: PackOutput, transfer: readonly ArrayBuffer[]): void;
}

/**
 * Runs the items of one pack, one after the other, each claimed just before it begins. Plain items only compute: one that waits for a
 * promise, defers a cleanup, or does anything that names its task to the host, leaves the pack, which gives those behind it back.
 */
export class PackRun {
  readonly #items: PackItems;
  readonly #lane: PackLane;
  readonly #action: LaneAction;
  readonly #results: PackResults;
  // Items before it have ended.
  #item = 0;
  // Items before it were told of.
  #told = 0;
  #toldMs = 0;
  #ctx: TaskContext | undefined;
  #left = false;

  constructor(items: PackItems, action: LaneAction, lane: PackLane) {
    this.#items = items;
    this.#action = action;
    this.#lane = lane;
    this.#results = new PackResults(items.frame, action.name);
  }

  /** The first item alone, as a task that has begun; `undefined` when all were taken back. Those behind it are given back. */
  firstAlone(): TaskInput | undefined {
    const { frame } = this.#items;
    const item = frame.claim();
    if (item < 0) {
      this.#lane.services.claims.finish(this.#items.slot, this.#items.generation);
      this.#post(PACK_DONE);
      return undefined;
    }
    frame.close();
    // Before the host hears of it: from then on the frame may be another pack's.
    const first = this.#items.at(item);
    this.#post(PACK_LEFT);
    return first;
  }

  run(loaded: LoadedAction): void {
    const { frame, slot, timeoutMs } = this.#items;
    const { claims } = this.#lane.services;
    const limited = timeoutMs !== Number.POSITIVE_INFINITY;
    let startedMs = processNow();
    this.#toldMs = startedMs;
    claims.started(slot, startedMs);
    for (let item = frame.claim(); item >= 0; item = frame.claim()) {
      this.#item = item;
      startedMs = this.#runOne(item, loaded, startedMs);
      if (this.#left) return;
      // Before the next is claimed: whoever sees it claimed must not take it for as old as this one.
      if (limited) claims.started(slot, startedMs);
    }
    claims.finish(slot, this.#items.generation);
    this.#post(PACK_DONE);
  }

  /** Answers when it ended. */
  #runOne(item: number, loaded: LoadedAction, startedMs: number): number {
    const lane = this.#lane;
    // Something that may run long must not hold finished outcomes back.
    if (!mayHoldBack(this.#action) && this.#results.holds) this.flush();
    const task = this.#items.at(item);
    const ctx = new TaskContext(lane.services, task, loaded.metadata, startedMs);
    this.#ctx = ctx;
    lane.enter(ctx);
    const result = runAttempt(loaded.plan, task.params, ctx);
    if (this.#left || result instanceof Promise || TaskContext.hasCleanups(ctx)) {
      this.#leave();
      lane.goOn(ctx, this.#action, startedMs, result);
      return startedMs;
    }
    TaskContext.end(ctx);
    const nowMs = processNow();
    this.#ended(item, result, nowMs, (nowMs - startedMs) * 1000);
    return nowMs;
  }

  #ended(item: number, outcome: Outcome, nowMs: number, durationUs: number): void {
    const results = this.#results;
    learnDuration(this.#action, durationUs);
    if (!results.fits(outcome)) this.flush();
    results.add(item, outcome, durationUs);
    this.#item = item + 1;
    if (results.full || (results.holds && nowMs - this.#toldMs > HOLD_MS)) this.flush();
  }

  /** A task is about to be named to the host: if it is the item that runs, it is a task of its own from here on. */
  alone(task: TaskInput): void {
    if (this.#ctx !== undefined && TaskContext.taskOf(this.#ctx) === task) this.#leave();
  }

  #leave(): void {
    if (this.#left || this.#ctx === undefined) return;
    this.#left = true;
    this.#items.frame.close();
    this.#lane.running(this.#ctx);
    this.#post(PACK_LEFT);
  }

  /** Tells of what has ended. */
  flush(): void {
    if (!this.#left && this.#item > this.#told) this.#post(PACK_MORE);
  }

  #post(state: PackOutput[2]): void {
    const from = this.#told;
    const upTo = this.#item;
    const held = this.#results.take();
    this.#told = upTo;
    this.#toldMs = processNow();
    const message = ({ values, bytes, exceptions }: typeof held): PackOutput => [
      OUTPUT_PACK,
      this.#items.pack,
      state,
      upTo,
      values,
      bytes,
      exceptions,
    ];
    const transfer = held.bytes === undefined ? [] : [held.bytes[2]];
    try {
      this.#lane.post(message(held), transfer);
    } catch {
      // Nothing of a message that fails to clone is sent.
      this.#lane.post(message(this.#results.mended(held, from, upTo)), transfer);
    }
  }
}
