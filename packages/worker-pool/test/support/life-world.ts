import { getEventListeners } from 'node:events';
import { type Action, defineAction, fail, HeddleError, type Outcome, ok } from '@heddle/core';
import { expect } from 'vitest';
import type { AsyncRef } from '../../src/async-ref.ts';
import type { Runtime } from '../../src/index.ts';
import type { RuntimeOptions } from '../../src/options.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import type { TaskOptions } from '../../src/task-options.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { quietOptions } from './quiet.ts';
import { SimPool, type SimThread } from './sim-pool.ts';

/** What the world knows of a task from outside. */
export interface Life {
  readonly ref: AsyncRef;
  readonly number: number;
  readonly maxRetries: number;
  readonly outcomes: Outcome[];
  /** Attempts that threads began. */
  begun: number;
  /** The threads it runs on. */
  readonly running: Set<SimThread>;
  /** Somebody asked for its end before it had settled. */
  cancelled: boolean;
}

const action = (name: string, defaults = {}): Action =>
  defineAction({ module: 'file:///simulated.js', name, defaults, run: () => undefined }) as Action;

/** How an attempt ends. */
export type Ending = 'ok' | 'error' | 'final' | 'asked';

/** A runtime over simulated threads and a simulated clock, and what a caller sees of its tasks. */
export class LifeWorld {
  readonly pool = new SimPool();
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly lives: Life[] = [];
  readonly signals = Array.from({ length: 3 }, () => new AbortController());
  readonly maxThreads: number;
  readonly #concurrency: number;
  readonly #actions = [action('first'), action('second'), action('third', { timeoutMs: 40 })];
  /** Promises of the runtime that have not settled. */
  waits = 0;
  closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions & { threads: { max: number; concurrency: number } }) {
    // One turn of the loop delivers what threads have posted.
    this.clock = new FakeClock(() => this.deliverAll());
    this.maxThreads = options.threads.max;
    this.#concurrency = options.threads.concurrency;
    this.runtime = createRuntimeOn(quietOptions(options), {
      createPool: () => this.pool,
      createIdPrefix: () => 'life-',
      clock: this.clock,
    });
  }

  start(pick: number, options: TaskOptions): void {
    const ref = this.runtime.start(this.#actions[pick % this.#actions.length] as Action, {} as never, {}, options);
    const number = Number(ref.id.slice('life-'.length));
    const life: Life = { ref, number, maxRetries: options.maxRetries ?? 1, outcomes: [], begun: 0, running: new Set(), cancelled: false };
    this.lives.push(life);
    this.#wait(ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY }).then((outcome) => void life.outcomes.push(outcome)));
  }

  #wait(promise: Promise<unknown>): void {
    this.waits++;
    void promise.finally(() => this.waits--);
  }

  await(life: Life, timeoutMs: number, onTimeout: 'cancel' | 'leave'): void {
    this.#wait(life.ref.outcome({ timeoutMs, onTimeout }));
  }

  cancel(life: Life): void {
    this.#mark(life);
    this.#wait(this.runtime.cancel(life.ref).then((outcome) => expect(outcome.ok && life.ref.status).toBe('settled')));
  }

  abort(index: number): void {
    const controller = this.signals[index];
    if (controller === undefined || controller.signal.aborted) return;
    controller.abort();
  }

  #mark(life: Life): void {
    if (life.ref.status !== 'settled') life.cancelled = true;
  }

  close(graceMs: number): void {
    if (this.closing !== undefined) return;
    this.closing = this.runtime.close({ graceMs });
    this.#wait(this.closing);
  }

  begin(thread: SimThread): void {
    if (thread.running.length >= this.#concurrency || thread.ended) return;
    const task = thread.begin(this.clock.now());
    if (task === undefined) return;
    const life = this.#lifeOf(task);
    life.begun++;
    // A zombie may go on with what it is stuck in: nobody can end that, and whoever retries it was told.
    for (const other of life.running) expect(other.terminated, 'a task ran twice at once').toBe(true);
    life.running.add(thread);
    expect(task.attempt, 'attempts are numbered as they begin').toBe(life.begun);
    expect(life.outcomes, 'an attempt began after the outcome').toEqual([]);
    expect(life.begun, 'more attempts than were allowed').toBeLessThanOrEqual(life.maxRetries + 1);
    expect(life.cancelled, 'an attempt began after the cancel').toBe(false);
  }

  finish(thread: SimThread, task: TaskInput, ending: Ending, post: boolean): void {
    if (thread.ended) return;
    this.#lifeOf(task).running.delete(thread);
    thread.finish(task, outcomeOf(ending, task), post);
  }

  end(thread: SimThread): void {
    for (const task of thread.running) this.#lifeOf(task).running.delete(thread);
    thread.end();
  }

  #lifeOf(task: TaskInput): Life {
    const life = this.lives[Number(task.task)];
    if (life === undefined) throw new Error(`a thread was sent task ${task.task}, which nobody started`);
    return life;
  }

  deliverAll(): void {
    for (const thread of this.pool.alive) thread.deliver();
  }

  /** Lets everything run to its end, then closes. Threads that were terminated end; the rest serve. */
  async runOut(): Promise<void> {
    for (let rounds = 0; this.waits > 0 || this.closing === undefined; rounds++) {
      if (rounds > 2000)
        throw new Error(
          `still open: ${this.lives.filter(({ outcomes }) => outcomes.length === 0).map(({ number, ref }) => `${number} ${ref.status}`)}; waits ${this.waits}`,
        );
      for (const { open } of this.pool.opens.splice(0)) open();
      await settle();
      for (const thread of this.pool.alive) {
        for (const task of [...thread.running]) this.finish(thread, task, thread.asked.has(task.slot) ? 'asked' : 'ok', true);
        thread.flush();
        thread.deliver();
        if (thread.terminated) this.end(thread);
        this.begin(thread);
      }
      await settle();
      if (this.lives.every(({ outcomes }) => outcomes.length === 1)) this.close(0);
      await this.clock.advance(rounds < 100 ? 1 : 1000);
    }
    await this.clock.advance(10_000);
  }

  /** Holds at any moment. */
  check(): void {
    const { stats } = this.runtime;
    const now = stats.call(this.runtime);
    const settled = this.lives.filter(({ ref }) => ref.status === 'settled').length;
    expect(now.completed + now.failed + now.cancelled).toBe(settled);
    expect(now.lanes.length, 'more lanes than threads allowed').toBeLessThanOrEqual(this.maxThreads);
    for (const lane of now.lanes) expect(lane.inFlight).toBeGreaterThanOrEqual(0);
  }

  /** Holds once the runtime is closed. */
  checkClosed(): void {
    for (const { outcomes, ref } of this.lives) {
      expect(outcomes.length).toBe(1);
      expect(ref.status).toBe('settled');
    }
    const count = (holds: (outcome: Outcome) => boolean): number => this.lives.filter(({ outcomes }) => outcomes.every(holds)).length;
    const { completed, failed, cancelled, queued, running, retrying } = this.runtime.stats();
    expect({ completed, failed, cancelled, queued, running, retrying }).toEqual({
      completed: count(({ ok }) => ok),
      failed: count((outcome) => !outcome.ok && outcome.error.type !== 'cancelled'),
      cancelled: count((outcome) => !outcome.ok && outcome.error.type === 'cancelled'),
      queued: 0,
      running: 0,
      retrying: 0,
    });
    expect(this.clock.timers, 'timers are left').toEqual([]);
    for (const { signal } of this.signals) expect(getEventListeners(signal, 'abort').length, 'listeners are left').toBe(0);
    for (const thread of this.pool.threads) expect(thread.held, 'a port keeps the process alive').toBe(false);
  }
}

function outcomeOf(ending: Ending, task: TaskInput): Outcome {
  switch (ending) {
    case 'ok':
      return ok({ task: task.task, attempt: task.attempt });
    case 'error':
      return fail(new HeddleError('execution_error', 'it failed'));
    case 'final':
      return fail(new HeddleError('execution_error', 'it failed for good', { retryable: false }));
    case 'asked':
      return fail(new HeddleError('cancelled', 'it was told to end'));
  }
}
