import { type Action, type ActionDefaults, defineAction, fail, HeddleError, type Outcome, ok } from '@heddle/core';
import { afterEach, expect } from 'vitest';
import type { AsyncRef } from '../../src/async-ref.ts';
import type { RuntimeEvent } from '../../src/event.ts';
import type { Runtime } from '../../src/index.ts';
import type { RuntimeOptions } from '../../src/options.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { quietOptions } from './quiet.ts';
import { SimPool, type SimThread } from './sim-pool.ts';

const open: SimRuntime[] = [];

afterEach(async () => {
  for (const sim of open.splice(0)) await sim.finishAll();
});

/** A runtime over simulated threads and a simulated clock. Closed after the test, which fails when a timer or a held port is left. */
export function simRuntime(options: RuntimeOptions = {}): SimRuntime {
  const sim = new SimRuntime(options);
  open.push(sim);
  return sim;
}

/** An action that simulated threads are sent; it never runs. */
export function simAction(name = 'simulated', defaults: ActionDefaults = {}): Action<object> {
  return defineAction({ module: 'file:///simulated.js', name, defaults, run: (_params: object): unknown => undefined });
}

export const aFailure: Outcome = fail(new HeddleError('execution_error', 'it failed'));

export class SimRuntime {
  readonly pool = new SimPool();
  /** That of the runtime, then those of its instances as they were made. */
  readonly pools: SimPool[] = [];
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];

  constructor(options: RuntimeOptions) {
    this.clock = new FakeClock(() => this.deliver());
    const { threads } = options;
    let made = 0;
    this.runtime = createRuntimeOn(quietOptions({ ...options, threads: { max: 1, ...threads } }, this.events), {
      createPool: () => this.#addPool(this.pools.length === 0 ? this.pool : new SimPool()),
      createIdPrefix: (name) => (made++ === 0 ? `${options.name ?? 'sim'}-` : `${name}.${made}-`),
      clock: this.clock,
    });
  }

  #addPool(pool: SimPool): SimPool {
    this.pools.push(pool);
    return pool;
  }

  /** Lets every thread that was asked for start; answers the newest. */
  async openThreads(pool = this.pool): Promise<SimThread> {
    await settle();
    for (const { open } of pool.opens.splice(0)) open();
    await settle();
    return this.thread(pool);
  }

  async failToOpen(): Promise<void> {
    await settle();
    for (const { fail } of this.pool.opens.splice(0)) fail();
    await settle();
  }

  /** The newest thread that has not ended. */
  thread(pool = this.pool): SimThread {
    const thread = pool.alive.at(-1);
    if (thread === undefined) throw new Error('no thread is open');
    return thread;
  }

  /** The thread begins its next task. */
  begin(thread = this.thread()): TaskInput {
    return begun(thread.begin(this.clock.now()));
  }

  /** The thread begins its next task, whose module has yet to load. */
  beginLoading(thread = this.thread()): TaskInput {
    return begun(thread.begin());
  }

  /** The thread ends what it runs, and the host hears of it. */
  async finish(outcome: Outcome = ok('done'), thread = this.thread()): Promise<void> {
    const [task] = thread.running;
    if (task === undefined) throw new Error('the thread runs nothing');
    thread.finish(task, outcome);
    await this.deliverAll();
  }

  /** The thread does everything it was sent. */
  async work(thread = this.thread()): Promise<number> {
    let done = 0;
    for (let task = thread.begin(this.clock.now()); task !== undefined; task = thread.begin(this.clock.now())) {
      thread.finish(task, ok('done'));
      await this.deliverAll();
      done++;
    }
    return done;
  }

  get #alive(): SimThread[] {
    return this.pools.flatMap(({ alive }) => alive);
  }

  deliver(): void {
    for (const thread of this.#alive) thread.deliver();
  }

  async deliverAll(): Promise<void> {
    this.deliver();
    await settle();
  }

  async end(thread = this.thread()): Promise<void> {
    thread.end();
    await settle();
  }

  get eventKinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** Closes at once, ends every thread, and looks for what is left. */
  async finishAll(): Promise<void> {
    const closed = this.runtime.close({ graceMs: 0 });
    let over = false;
    void closed.then(() => {
      over = true;
    });
    for (let round = 0; !over && round < 100; round++) {
      for (const thread of this.#alive) if (thread.terminated) thread.end();
      await this.clock.advance(1000);
    }
    expect(over, 'the runtime closes').toBe(true);
    await this.clock.advance(10_000);
    expect(this.clock.timers, 'no timer is left').toEqual([]);
    expect(this.pools.flatMap(({ threads }) => threads).filter(({ held }) => held).length, 'no port keeps the process alive').toBe(0);
  }
}

function begun(task: TaskInput | undefined): TaskInput {
  if (task === undefined) throw new Error('the thread has nothing to begin');
  return task;
}

/** What a ref has ended with by now. */
export async function outcomeNow(ref: AsyncRef): Promise<Outcome | undefined> {
  await settle();
  return ref.status === 'settled' ? ref.outcome() : undefined;
}

export async function errorNow(ref: AsyncRef): Promise<HeddleError> {
  const outcome = await outcomeNow(ref);
  if (outcome === undefined || outcome.ok) throw new Error(`expected a failure, got ${outcome === undefined ? ref.status : 'a success'}`);
  return outcome.error;
}
