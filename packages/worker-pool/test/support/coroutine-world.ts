import { type Coroutine, type CoroutineAction, defineAction, fail, HeddleError, type Outcome, ok, type Step } from '@heddle/core';
import type { RuntimeEvent } from '../../src/event.ts';
import type { Runtime, Scope } from '../../src/index.ts';
import type { TaskInput } from '../../src/protocol/input.ts';
import { STEP_RETURN, StepMark, SUSPENDED, UNSENT } from '../../src/protocol/step.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { hold } from './hold.ts';
import { quietOptions } from './quiet.ts';
import { SimPool, type SimThread } from './sim-pool.ts';

/** An action that simulated threads are sent as a coroutine; it never runs. */
export const simCoroutine: CoroutineAction<object, unknown, unknown, unknown> = defineAction({
  module: 'file:///simulated.js',
  name: 'simulated',
  *run(_params: object): Generator<unknown, unknown, unknown> {
    return yield undefined;
  },
});

/** How a step ends in its thread. */
export type StepEnding = 'yield' | 'unsent' | 'return' | 'throw';

/** What the world knows of a coroutine from outside. */
interface Observed {
  readonly handle: Coroutine;
  readonly listens: boolean;
  /** In the order they were told, by whom. */
  readonly told: { readonly by: 'onStep' | 'asked'; readonly step: Step }[];
  /** A step may have been dropped by somebody who resumed without having seen it. */
  blind: boolean;
  outcomes: number;
}

/** What coroutines are started with. */
export interface CoroutineGiven {
  readonly listens: boolean;
  readonly scoped: boolean;
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly suspendTimeoutMs: number;
  readonly signal: number | undefined;
}

/** A runtime over simulated threads, its coroutines, and what is known of the generators in them. */
export class CoroutineWorld {
  readonly runtime: Runtime;
  readonly pools: SimPool[] = [];
  readonly clock = new FakeClock(() => this.deliver());
  readonly events: RuntimeEvent[] = [];
  readonly coroutines: Observed[] = [];
  readonly signals = [new AbortController(), new AbortController()];
  /** Generators that have been opened and have not ended, by thread and task. */
  readonly #flows = new Map<SimThread, Map<number | string, 'suspended' | 'computing'>>();
  scope: Scope;
  /** Promises that have to settle some time. */
  waits = 0;
  closed: Promise<void> | undefined;

  constructor(options: { readonly threads: number; readonly graceMs: number }) {
    const parsed = quietOptions(
      { threads: { min: 0, max: 1 }, stateful: { threads: options.threads }, graceMs: options.graceMs },
      this.events,
    );
    this.runtime = createRuntimeOn(parsed, {
      createPool: () => {
        const pool = new SimPool();
        this.pools.push(pool);
        return pool;
      },
      createIdPrefix: (name) => `${name}-`,
      clock: this.clock,
    });
    this.scope = this.runtime.scope();
  }

  /** That of the stateful lanes, once there is one. */
  get pool(): SimPool | undefined {
    return this.pools[1];
  }

  get threads(): readonly SimThread[] {
    return this.pool?.alive ?? [];
  }

  start(given: CoroutineGiven): void {
    if (this.closed !== undefined) return;
    const told: Observed['told'] = [];
    const { timeoutMs, totalTimeoutMs, suspendTimeoutMs, signal, listens } = given;
    if (this.scope.disposed) this.scope = this.runtime.scope();
    const owner = given.scoped ? this.scope : this.runtime;
    const options = {
      ...{ timeoutMs, totalTimeoutMs, suspendTimeoutMs },
      ...(signal === undefined ? {} : { signal: this.#signal(signal) }),
      ...(listens ? { onStep: (step: Step) => void told.push({ by: 'onStep', step }) } : {}),
    };
    const handle = owner.coroutine(simCoroutine, {}, {}, options);
    hold(told.length === 0, 'nobody is told of a step before the handle is there');
    const observed: Observed = { handle, listens, told, blind: false, outcomes: 0 };
    this.coroutines.push(observed);
    void this.#wait(handle.outcome({ timeoutMs: Number.POSITIVE_INFINITY })).then(() => observed.outcomes++);
  }

  #signal(index: number): AbortSignal {
    return (this.signals[index] ?? new AbortController()).signal;
  }

  #wait<T>(promise: Promise<T>): Promise<T | undefined> {
    this.waits++;
    const done = (): void => void this.waits--;
    promise.then(done, done);
    return promise.catch(() => undefined);
  }

  next(observed: Observed, value: unknown, timeoutMs: number, signal: number | undefined): void {
    const { handle, told } = observed;
    const options = { timeoutMs, ...(signal === undefined ? {} : { signal: this.#signal(signal) }) };
    const { state } = handle;
    void this.#wait(handle.next(value, options)).then((step) => {
      // After the end it gives the last step as often as it is asked.
      if (step !== undefined && !(state === 'settled' && told.some(({ step: known }) => known === step))) told.push({ by: 'asked', step });
    });
  }

  resume(observed: Observed, asks: boolean, throws: boolean): void {
    const { handle, told } = observed;
    const was = handle.state;
    const options = asks ? { replyTo: (step: Step) => void told.push({ by: 'asked', step }) } : {};
    try {
      if (throws) handle.throwIn(new Error('thrown in'), options);
      else handle.resume('resumed', options);
      hold(was === 'suspended', 'only what is suspended is resumed');
      if (!observed.listens) observed.blind = true;
    } catch (error) {
      hold((error as HeddleError).type === 'not_suspended' && was !== 'suspended', `what is suspended is resumed: ${String(error)}`);
    }
  }

  cancel({ handle }: Observed): void {
    void this.#wait(handle.cancel('by the model'));
  }

  stop({ handle }: Observed, timeoutMs: number): void {
    void this.#wait(handle.stop({ timeoutMs }));
  }

  disposeScope(): void {
    void this.#wait(this.scope.dispose());
  }

  close(graceMs: number): void {
    this.closed ??= this.#wait(this.runtime.close({ graceMs })) as Promise<void>;
  }

  begin(thread: SimThread, loading = false): void {
    if (thread.ended) return;
    const task = thread.begin(loading ? undefined : this.clock.now());
    if (task === undefined) return;
    const flows = this.#flowsOf(thread);
    const state = flows.get(task.task);
    if (Array.isArray(task.params)) hold(state === 'suspended', 'a resume finds its generator suspended, and there');
    else
      hold(
        state === undefined && ![...this.#flows].some(([{ ended }, other]) => !ended && other.has(task.task)),
        'a coroutine begins once',
      );
    flows.set(task.task, 'computing');
  }

  #flowsOf(thread: SimThread): Map<number | string, 'suspended' | 'computing'> {
    const flows = this.#flows.get(thread) ?? new Map();
    this.#flows.set(thread, flows);
    return flows;
  }

  finish(thread: SimThread, task: TaskInput, ending: StepEnding, post: boolean): void {
    if (thread.ended) return;
    const cleans = Array.isArray(task.params) && task.params[0] === STEP_RETURN;
    const outcome = cleans ? fail(new HeddleError('cancelled', 'cleaned up')) : outcomeOf(ending);
    const suspends = outcome.directive === SUSPENDED || outcome.directive === UNSENT;
    if (suspends) this.#flowsOf(thread).set(task.task, 'suspended');
    else this.#flowsOf(thread).delete(task.task);
    thread.finish(task, outcome, post);
  }

  end(thread: SimThread): void {
    this.#flows.delete(thread);
    thread.end();
  }

  deliver(): void {
    for (const pool of this.pools) for (const thread of pool.alive) thread.deliver();
  }

  /** Holds at any moment. */
  check(): void {
    for (const { handle, told, listens, blind } of this.coroutines) {
      const own = told.map(({ step }) => step);
      const terminal = own.filter(({ kind }) => kind !== 'suspended');
      hold(new Set(terminal).size <= 1, 'there is one last step');
      hold(terminal.length === 0 || handle.state === 'settled', 'what has ended is settled');
      for (const step of own) hold(step.kind === 'suspended' || own.every(({ seq }) => seq <= step.seq), 'the last step is last');
      const suspended = own.filter(({ kind }) => kind === 'suspended').map(({ seq }) => seq);
      hold(new Set(suspended).size === suspended.length, 'each step is given to one');
      for (const by of ['onStep', 'asked'] as const) {
        const ends = told.filter(({ by: teller, step }) => teller === by && step.kind !== 'suspended');
        hold(by === 'asked' || ends.length <= 1, 'the end is told once');
      }
      const last = Math.max(0, ...own.map(({ seq }) => seq));
      if (!blind && handle.state === 'settled' && listens) hold(own.length === 0 || own.some(({ seq }) => seq === last), 'the end is told');
    }
    const { open, suspended } = this.runtime.stats().coroutines;
    const states = this.coroutines.map(({ handle }) => handle.state);
    hold(open === states.filter((state) => state !== 'settled').length, 'those that are open are counted');
    hold(suspended === states.filter((state) => state === 'suspended').length, 'those that are suspended are counted');
    for (const { inFlight } of this.runtime.stats().statefulLanes) hold(inFlight >= 0, 'nothing leaves a lane twice');
  }

  /** Ends everything, whatever it waits for. */
  async runOut(): Promise<void> {
    const open = (): Observed[] => this.coroutines.filter(({ handle }) => handle.state !== 'settled');
    const queued = (): boolean => open().some(({ handle }) => handle.state === 'queued');
    for (let rounds = 0; queued(); rounds++) {
      hold(rounds < 50, 'what waits begins, whoever stays suspended');
      await this.round();
    }
    for (let rounds = 0; open().length > 0; rounds++) {
      if (rounds > 300) throw new Error(`still open: ${open().map(({ handle }) => `${handle.id} ${handle.state}`)}`);
      for (const { handle } of open()) if (handle.state === 'suspended') void handle.cancel('the model has ended');
      await this.round();
      this.check();
    }
    await this.round();
  }

  async round(): Promise<void> {
    for (const pool of this.pools) for (const { open } of pool.opens.splice(0)) open();
    for (const thread of this.threads) {
      thread.flush();
      thread.deliver();
      if (thread.terminated) {
        this.end(thread);
        continue;
      }
      for (let more = true; more; more = thread.running.length > 0) {
        this.begin(thread);
        for (const task of [...thread.running]) this.finish(thread, task, 'return', true);
      }
      thread.deliver();
    }
    await settle();
    const [nextMs = 1] = this.clock.timers;
    await this.clock.advance(Math.max(1, Math.min(nextMs, 1000)));
  }

  /** Holds when all have ended. */
  checkEnded(): void {
    this.check();
    for (const { handle, told, listens, blind, outcomes } of this.coroutines) {
      hold(handle.state === 'settled' && outcomes === 1, 'each has one outcome');
      if (!listens) continue;
      const seqs = [...new Set(told.map(({ step }) => step.seq))].sort((a, b) => a - b);
      hold(
        told.some(({ by, step }) => by === 'onStep' && step.kind !== 'suspended'),
        'whoever listens is told of the end',
      );
      // A step whose wait had been given up is kept for somebody who may never come.
      hold(blind || seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0)), 'steps are numbered in order');
    }
    for (const [thread, flows] of this.#flows)
      hold(
        thread.ended || thread.terminated || flows.size === 0,
        `no generator is left behind in a thread that lives: ${[...flows.keys()]}`,
      );
  }

  async closeOut(): Promise<void> {
    this.close(0);
    for (let rounds = 0; this.waits > 0; rounds++) {
      if (rounds > 300) throw new Error(`${this.waits} promises never settle`);
      await this.round();
    }
    await this.clock.advance(10_000);
    hold(this.clock.pending === 0, 'no timer is left');
    for (const thread of this.pools.flatMap(({ threads }) => threads)) hold(!thread.held, 'no port keeps the process alive');
    const { completed, failed, cancelled } = this.runtime.stats();
    hold(completed + failed + cancelled === this.coroutines.length, 'each end is counted once');
  }
}

function outcomeOf(ending: StepEnding): Outcome {
  switch (ending) {
    case 'yield':
      return ok('yielded', SUSPENDED);
    case 'unsent':
      return fail(new HeddleError('uncloneable', 'a function', { details: { path: 'yield' } }), UNSENT);
    case 'return':
      return ok('returned');
    case 'throw':
      return fail(new HeddleError('execution_error', 'it threw'), new StepMark('throw', 'it threw'));
  }
}
