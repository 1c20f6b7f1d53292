import { getEventListeners } from 'node:events';
import { type Action, defineAction, HeddleError, type Outcome } from '@heddle/core';
import type { AsyncRef } from '../../src/async-ref.ts';
import type { Runtime } from '../../src/index.ts';
import type { RuntimeOptions } from '../../src/options.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import type { TaskOptions } from '../../src/task-options.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { hold } from './hold.ts';
import { describeLife, type Ending, type Life, type LifeOptions, outcomeOf } from './life.ts';
import { quietOptions } from './quiet.ts';
import { SimPool, type SimThread } from './sim-pool.ts';

const action = (name: string, defaults = {}): Action =>
  defineAction({ module: 'file:///simulated.js', name, defaults, run: () => undefined }) as Action;

/** A runtime over simulated threads and a simulated clock, and what a caller sees of its tasks. */
export class LifeWorld {
  readonly pool = new SimPool();
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly lives: Life[] = [];
  readonly signals = Array.from({ length: 3 }, () => new AbortController());
  readonly #options: RuntimeOptions & { threads: { max: number; concurrency: number } };
  // The first is tiny, and sent ahead; the others are not.
  readonly #actions = [action('first'), action('second'), action('third', { timeoutMs: 40 })];
  readonly #buffers = new Map<number, ArrayBuffer>();
  readonly #faults: unknown[] = [];
  /** A thread ended, or did not start. */
  #hasLosses = false;
  /** When the close cancels what is left. */
  #closedMs = Number.POSITIVE_INFINITY;
  /** Promises of the runtime that have not settled. */
  waits = 0;
  closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions & { threads: { max: number; concurrency: number } }) {
    // One turn of the loop delivers what threads have posted.
    this.clock = new FakeClock(() => this.deliverAll());
    this.#options = options;
    this.runtime = createRuntimeOn(quietOptions(options), {
      createPool: () => this.pool,
      createIdPrefix: () => 'life-',
      clock: this.clock,
    });
  }

  start(given: LifeOptions): void {
    if (this.closing !== undefined) return;
    const { queued } = this.runtime.stats();
    const life = given.by === 'start' ? this.#start(given) : this.#run(given);
    this.lives.push(life);
    const outcome = life.ref?.status === 'settled' ? life.outcomes[0] : undefined;
    const full = outcome?.ok === false && outcome.error.message.startsWith('The queue is full');
    hold(!full || queued >= (this.#options.queue?.limit ?? Number.POSITIVE_INFINITY), 'a queue that refuses is full');
  }

  /** Starts many that nothing limits. */
  fill(count: number): void {
    const options = { timeoutMs: Number.POSITIVE_INFINITY };
    for (let started = 0; started < count; started++)
      this.start({ action: 0, options, deadlineInMs: Number.POSITIVE_INFINITY, signal: undefined, payload: 'plain', by: 'start' });
  }

  #start(given: LifeOptions): Life {
    const ref = this.runtime.start(this.#action(given.action), this.#params(given) as never, {}, this.#taskOptions(given));
    const life = this.#life(given, ref);
    this.#wait(ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY }).then((outcome) => void life.outcomes.push(outcome)));
    return life;
  }

  #run(given: LifeOptions): Life {
    const life = this.#life(given, undefined);
    const running = this.runtime.run(this.#action(given.action), this.#params(given) as never, {}, this.#taskOptions(given));
    const refused = (thrown: unknown): void => {
      hold(thrown instanceof HeddleError && thrown.type === 'closed' && this.closing !== undefined, `run rejects when closed: ${thrown}`);
      life.refused = true;
    };
    this.#wait(running.then((outcome) => void life.outcomes.push(outcome), refused));
    return life;
  }

  #life(given: LifeOptions, ref: AsyncRef | undefined): Life {
    const ended = given.signal !== undefined && this.signals[given.signal]?.signal.aborted === true;
    // A `run` may wait outside before its own clocks start.
    const dueMs =
      ref === undefined ? given.deadlineInMs : Math.min(given.deadlineInMs, given.options.totalTimeoutMs ?? Number.POSITIVE_INFINITY);
    return {
      number: this.lives.length,
      ref,
      given,
      outcomes: [],
      refused: false,
      begun: 0,
      running: new Set(),
      ended,
      dueMs: this.clock.now() + dueMs,
    };
  }

  #action(pick: number): Action {
    const found = this.#actions[pick % this.#actions.length];
    if (found === undefined) throw new Error(`no action ${pick}`);
    return found;
  }

  #params({ payload }: LifeOptions): object {
    const life = this.lives.length;
    if (payload === 'plain') return { life };
    if (payload === 'faulty') return { life, broken: () => {} };
    const data = new ArrayBuffer(8);
    this.#buffers.set(life, data);
    return { life, data };
  }

  #taskOptions({ options, signal, deadlineInMs, payload }: LifeOptions): TaskOptions {
    const buffer = payload === 'moved' ? this.#buffers.get(this.lives.length) : undefined;
    const aborts = signal === undefined ? undefined : this.signals[signal]?.signal;
    return {
      ...options,
      ...(deadlineInMs === Number.POSITIVE_INFINITY ? {} : { deadline: this.clock.wall() + deadlineInMs }),
      ...(buffer === undefined ? {} : { transfer: [buffer] }),
      ...(aborts === undefined ? {} : { signal: aborts }),
    };
  }

  #wait(promise: Promise<unknown>): void {
    this.waits++;
    promise
      .catch((fault: unknown) => void this.#faults.push(fault))
      .finally(() => {
        this.waits--;
      });
  }

  await(life: Life, timeoutMs: number, onTimeout: 'cancel' | 'leave', signal: number | undefined): void {
    const aborts = signal === undefined ? undefined : this.signals[signal]?.signal;
    const waiting = life.ref?.outcome({ timeoutMs, onTimeout, ...(aborts === undefined ? {} : { signal: aborts }) });
    if (waiting === undefined) return;
    this.#wait(
      waiting.then((outcome) => {
        if (!outcome.ok && outcome.error.message.startsWith('Async action timed out')) {
          if (onTimeout === 'cancel') this.#markEnded(life);
        } else if (outcome.ok || !outcome.error.message.startsWith('The wait was aborted')) {
          hold(outcome === life.outcomes[0], 'all who wait are given the one outcome');
        }
      }),
    );
  }

  cancel(life: Life, byId: boolean): void {
    if (life.ref === undefined) return;
    const { ref } = life;
    this.#markEnded(life);
    this.#wait(
      this.runtime
        .cancel(byId ? ref.id : ref)
        .then((outcome) => hold(outcome.ok && ref.status === 'settled', 'a cancel waits for the end')),
    );
  }

  abort(index: number): void {
    for (const life of this.lives) if (life.given.signal === index) this.#markEnded(life);
    this.signals[index]?.abort();
  }

  #markEnded(life: Life): void {
    if (life.outcomes.length === 0) life.ended = true;
  }

  close(graceMs: number): void {
    if (this.closing === undefined) this.#closedMs = this.clock.now() + graceMs;
    const closing = this.runtime.close({ graceMs });
    hold(this.closing === undefined || closing === this.closing, 'a second close is the first');
    if (this.closing === undefined) this.#wait(closing);
    this.closing = closing;
  }

  /** The thread begins its next task, or, `loading`, first the import of its module. */
  begin(thread: SimThread, loading = false): void {
    if (thread.running.length >= this.#options.threads.concurrency || thread.ended) return;
    // One that ignored its end is stuck in native code, and ends when that does.
    if (thread.terminated && this.runtime.stats().zombies > 0) return;
    const task = thread.begin(loading ? undefined : this.clock.now());
    if (task === undefined) return;
    const life = this.#lifeOf(task);
    const { maxRetries = 1 } = life.given.options;
    life.begun++;
    // A zombie may go on with what it is stuck in: nobody can end that, and whoever retries it was told.
    for (const other of life.running) hold(other.terminated, 'no task runs twice at once');
    life.running.add(thread);
    hold(task.attempt === life.begun, 'attempts are numbered as they begin');
    hold(life.outcomes.length === 0, 'no attempt begins after the outcome');
    hold(life.begun <= (life.given.payload === 'moved' ? 1 : maxRetries + 1), 'no more attempts than were allowed');
    hold(life.given.payload !== 'faulty', 'what does not clone never begins');
    hold(!life.ended, 'no attempt begins after the cancel');
    hold(this.clock.now() < Math.min(life.dueMs, this.#closedMs), 'no attempt begins after its time, or that of the runtime');
  }

  finish(thread: SimThread, task: TaskInput, ending: Ending, post: boolean): void {
    if (thread.ended) return;
    const life = this.#lifeOf(task);
    life.running.delete(thread);
    // Whoever was not asked does not end as if it had been.
    const really = ending === 'asked' && !thread.asked.has(task.slot) ? 'error' : ending;
    thread.finish(task, outcomeOf(really, life, task), post, life.given.action % 3 === 0 ? 20 : 1000);
  }

  end(thread: SimThread): void {
    for (const task of thread.running) this.#lifeOf(task).running.delete(thread);
    this.#hasLosses = true;
    thread.end();
  }

  openFails(): void {
    this.#hasLosses = true;
    this.pool.opens.shift()?.fail();
  }

  #lifeOf(task: TaskInput): Life {
    const life = this.lives[(task.params as { life: number }).life]; // as `#params` made them
    if (life === undefined) throw new Error(`a thread was sent task ${task.task}, which nobody started`);
    return life;
  }

  deliverAll(): void {
    for (const thread of this.pool.alive) thread.deliver();
  }

  /** Lets every task run to its end. Threads that were terminated end; the rest serve. */
  async runOut(): Promise<void> {
    const open = (): boolean => this.lives.some(({ outcomes, refused }) => outcomes.length === 0 && !refused);
    for (let rounds = 0; open(); rounds++) {
      if (rounds > 500) throw new Error(`still open: ${this.lives.filter(({ outcomes }) => outcomes.length === 0).map(describeLife)}`);
      await this.#round();
      this.check();
    }
    await this.#round();
  }

  async #round(): Promise<void> {
    for (const { open } of this.pool.opens.splice(0)) open();
    for (const thread of this.pool.alive) {
      for (const task of [...thread.running]) this.finish(thread, task, thread.asked.has(task.slot) ? 'asked' : 'ok', true);
      thread.flush();
      thread.deliver();
      if (thread.terminated) this.end(thread);
      this.begin(thread);
    }
    await settle();
    const [nextMs = 1] = this.clock.timers;
    await this.clock.advance(Math.max(1, nextMs));
  }

  /** Closes what may be closed already, and lets every promise and timer run out. */
  async closeOut(): Promise<void> {
    this.close(0);
    for (let rounds = 0; this.waits > 0; rounds++) {
      if (rounds > 500) throw new Error(`${this.waits} promises never settle`);
      await this.#round();
    }
    await this.clock.advance(10_000);
  }

  /** Holds at any moment. */
  check(): void {
    for (const fault of this.#faults) throw fault;
    const now = this.runtime.stats();
    let settled = 0;
    for (const { ref, outcomes } of this.lives) {
      hold(outcomes.length <= 1, 'no task ends twice');
      if (ref === undefined ? outcomes.length === 1 : ref.status === 'settled') settled++;
    }
    hold(now.completed + now.failed + now.cancelled === settled, 'each end is counted once');
    hold(now.queued + now.running + now.retrying + settled <= this.lives.length, 'every task is in one place');
    hold(now.lanes.length <= this.#options.threads.max, 'no more lanes than threads are allowed');
    for (const { inFlight } of now.lanes) hold(inFlight >= 0, 'nothing leaves a lane twice');
  }

  /** Holds once everything has ended: each in one way, for a reason. */
  checkIdle(): void {
    const { queued, running, retrying, lanes } = this.runtime.stats();
    hold(queued + running + retrying === 0, 'nothing is left behind');
    for (const { inFlight } of lanes) hold(inFlight === 0, 'no slot is held');
    for (const life of this.lives) {
      const [outcome] = life.outcomes;
      hold(life.refused ? outcome === undefined : outcome !== undefined && life.outcomes.length === 1, `one end: ${describeLife(life)}`);
      if (outcome !== undefined) this.#checkReason(life, outcome);
    }
  }

  #checkReason(life: Life, outcome: Outcome): void {
    const { type } = outcome.ok ? { type: 'ok' } : outcome.error;
    if (outcome.ok) hold((outcome.value as { life: number }).life === life.number, 'a task ends with its own value'); // as `outcomeOf` made it
    if (type === 'cancelled') hold(life.ended || this.closing !== undefined, 'nobody is cancelled unasked');
    if (type === 'uncloneable') hold(life.given.payload === 'faulty', 'what clones is sent');
    if (type === 'worker_lost') hold(this.#hasLosses || this.pool.threads.some(({ terminated }) => terminated), 'no thread is lost unseen');
    if (type === 'internal_error') throw new Error(`an internal error: ${describeLife(life)}`);
  }

  /** Holds once the runtime is closed. */
  checkClosed(): void {
    this.check();
    const count = (holds: (outcome: Outcome) => boolean): number => this.lives.flatMap(({ outcomes }) => outcomes).filter(holds).length;
    const { completed, failed, cancelled } = this.runtime.stats();
    hold(completed === count(({ ok }) => ok), 'good ends are counted');
    hold(cancelled === count((outcome) => !outcome.ok && outcome.error.type === 'cancelled'), 'cancels are counted');
    hold(failed === count((outcome) => !outcome.ok && outcome.error.type !== 'cancelled'), 'failures are counted');
    hold(this.clock.pending === 0, 'no timer is left');
    for (const { signal } of this.signals) hold(getEventListeners(signal, 'abort').length === 0, 'no listener is left');
    for (const thread of this.pool.threads) hold(!thread.held, 'no port keeps the process alive');
  }
}
