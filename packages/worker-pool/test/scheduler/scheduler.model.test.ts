import fc from 'fast-check';
import { describe, it } from 'vitest';
import { MAX_PARKED } from '../../src/scheduler/batch.ts';
import type { Estimate } from '../../src/scheduler/estimate.ts';
import { hold } from '../support/hold.ts';
import { estimateOf, SchedulerWorld, type SimLane, type SimTask, type WorldOptions } from '../support/scheduler-world.ts';

/** One thing that happens. `pick` chooses whom it happens to, among those it can happen to. */
type Step =
  | { readonly kind: 'submit'; readonly count: number; readonly action: number; readonly priority: number; readonly special: Special }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'learn'; readonly action: number; readonly us: number }
  | { readonly kind: 'reserve'; readonly count: number }
  | { readonly kind: 'finish'; readonly pick: number; readonly count: number }
  | { readonly kind: Picked; readonly pick: number };

type Special = 'alone' | 'faulty' | 'nested' | 'isolate' | undefined;
type OnLane = 'begin' | 'work' | 'takeBack' | 'giveBack' | 'lose' | 'retire' | 'park' | 'unpark';
type Picked = OnLane | 'withdraw' | 'open' | 'openFails';

const OFTEN: readonly Picked[] = ['begin', 'work', 'open'];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      count: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 5, max: 40 })),
      action: fc.nat({ max: 3 }),
      priority: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -1, max: 2 })),
      special: fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.constantFrom('alone' as const, 'faulty' as const) },
        { weight: 6, arbitrary: fc.constantFrom('nested' as const, 'nested' as const, 'isolate' as const) },
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('learn' as const), action: fc.nat({ max: 3 }), us: fc.nat({ max: 2000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reserve' as const), count: fc.nat({ max: 2 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('finish' as const), pick: fc.nat(), count: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constantFrom<Picked>(
        ...OFTEN,
        ...OFTEN,
        ...OFTEN,
        'park',
        'park',
        'unpark',
        'withdraw',
        'takeBack',
        'giveBack',
        'openFails',
        'lose',
        'retire',
      ),
      pick: fc.nat(),
    }),
  },
);

const options: fc.Arbitrary<Required<WorldOptions>> = fc.record({
  maxLanes: fc.integer({ min: 1, max: 4 }),
  cores: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  concurrency: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 4 })),
  capacity: fc.constantFrom(4, 16, 1024),
});

/** The world, with everything a schedule must never break checked after each step. */
class Model extends SchedulerWorld {
  readonly #estimates: readonly Estimate[] = [estimateOf(), estimateOf(5), estimateOf(200), estimateOf(20_000)];
  #reserved = 0;
  #failed = false;

  perform(step: Step): void {
    this.#perform(step);
    this.turn();
    this.check();
  }

  #perform(step: Step): void {
    switch (step.kind) {
      case 'submit': {
        const { action, priority, special } = step;
        const estimate = this.#estimates[action] ?? estimateOf();
        for (let count = 0; count < step.count; count++)
          this.submit({ estimate, priority, ...(special === undefined ? {} : { [special]: true }) });
        return;
      }
      case 'advance':
        this.advance(step.ms);
        return;
      case 'learn':
        this.#estimates[step.action]?.add(step.us);
        return;
      case 'reserve':
        this.#reserved = step.count;
        this.scheduler.reserve(step.count);
        return;
      case 'finish':
        this.#finish(step.pick, step.count);
        return;
      default:
        this.#performPicked(step.kind, step.pick);
    }
  }

  #performPicked(kind: Picked, pick: number): void {
    const lane = this.lanes[pick % Math.max(1, this.lanes.length)];
    switch (kind) {
      case 'open':
        if (this.opening > 0) this.openLane();
        return;
      case 'openFails':
        if (this.opening > 0) this.openFails();
        return;
      case 'withdraw': {
        const waiting = this.tasks.filter((task) => task.waiting);
        const task = waiting[pick % Math.max(1, waiting.length)];
        if (task !== undefined) this.withdraw(task);
        return;
      }
      default:
        if (lane !== undefined) this.#performOn(lane, kind, pick);
    }
  }

  #performOn(lane: SimLane, kind: OnLane, pick: number): void {
    switch (kind) {
      case 'begin':
        lane.begin();
        return;
      case 'work':
        // The thread does a few, one after the other, and says so in one message.
        this.finish(lane, ...this.#work(lane, 1 + (pick % 8)));
        return;
      case 'takeBack':
      case 'giveBack': {
        const unbegun = lane.tasks.filter(({ begun, alone, isolate }) => !begun && !alone && (kind === 'takeBack' || !isolate));
        const task = unbegun[pick % Math.max(1, unbegun.length)];
        if (task !== undefined) this[kind](lane, task);
        return;
      }
      case 'lose':
        this.lose(lane);
        return;
      case 'park': {
        const begun = lane.begun.filter(({ parked }) => !parked);
        const task = begun[pick % Math.max(1, begun.length)];
        // Past that the runtime refuses to start children, so that a lane has room for those it has started.
        if (task !== undefined && this.scheduler.parked * 2 < this.lanes.length * this.capacity) this.park(lane, task);
        return;
      }
      case 'unpark': {
        const parked = lane.tasks.filter((task) => task.parked);
        const task = parked[pick % Math.max(1, parked.length)];
        if (task !== undefined) this.unpark(lane, task);
        return;
      }
      case 'retire':
        this.retire(lane);
        return;
    }
  }

  #finish(pick: number, count: number): void {
    const lane = this.lanes[pick % Math.max(1, this.lanes.length)];
    const begun = lane?.begun.filter(({ parked }) => !parked).slice(0, count) ?? [];
    if (lane !== undefined && begun.length > 0) this.finish(lane, ...begun);
  }

  #work(lane: SimLane, count: number): SimTask[] {
    const done: SimTask[] = [];
    for (const task of lane.tasks) {
      if (task.parked || done.length >= count) continue;
      if (!task.begun) task.runs++;
      task.begun = true;
      done.push(task);
    }
    return done;
  }

  override checkSent(lane: SimLane, task: SimTask): void {
    super.checkSent(lane, task);
    if (lane.busy >= this.concurrency && task.alone) throw new Error('what is transferred was sent ahead');
    if (lane.parked >= MAX_PARKED && !task.nested) throw new Error('a lane where so many wait for children was sent more than children');
    if (lane.stalled) throw new Error('a lane that met a slow task was sent more');
    if (lane.late && lane.busy >= this.concurrency) throw new Error('a lane that has begun nothing was sent more ahead');
    for (const other of this.scheduler.waiting)
      if (other !== task && goesBefore(other, task)) throw new Error(`task ${task.number} was sent before task ${other.number}`);
  }

  check(): void {
    const { scheduler, concurrency, lanes } = this;
    const waiting = [...scheduler.waiting];
    hold(scheduler.queued === waiting.length, 'the queue counts what waits');
    const held = [...waiting, ...lanes.flatMap(({ tasks }) => tasks)];
    hold(held.length === new Set(held).size, 'every task is in one place');
    hold(held.length === this.tasks.filter(({ place }) => place !== 'done').length, 'no task is lost');
    hold(
      waiting.every(({ place }) => place === 'queue'),
      'what waits is nowhere else',
    );

    hold(scheduler.lanes === lanes.length && scheduler.opening === this.opening, 'lanes are counted');
    hold(lanes.length + this.opening <= this.maxLanes, 'no more lanes than threads are allowed');
    const wanted = Math.min(waiting.length, Math.max(0, this.maxLanes - this.#reserved) - lanes.length);
    // After a lane that could not be opened, those that are there serve, if there are any.
    hold(this.opening >= (this.#failed ? Math.min(1 - lanes.length, wanted) : wanted), 'lanes are opened for what waits');

    const serving = lanes.filter(({ retiring }) => !retiring);
    const isolated = waiting.filter(({ isolate }) => isolate).length;
    const next = waiting.find(({ isolate }) => !isolate);
    if (next !== undefined) this.#checkRoom(next, serving, isolated);
    const idle = serving.filter(({ inFlight }) => inFlight === 0).length;
    hold(isolated <= this.opening || scheduler.canGrow || idle === 0 || this.#failed, 'no lane is idle while isolated tasks wait for one');
    hold(this.tickRequested || lanes.every(({ busy }) => busy <= concurrency), 'nothing waits on a lane unwatched');
    hold(scheduler.idle === idle, 'idle lanes are known');
    const parked = lanes.reduce((sum, lane) => sum + lane.parked, 0);
    hold(scheduler.parked === parked, 'tasks that wait for children are counted');
  }

  #checkRoom(next: SimTask, serving: readonly SimLane[], isolated: number): void {
    const hasRoom = ({ stalled, busy, inFlight, parked }: SimLane): boolean =>
      !stalled && busy < this.concurrency && inFlight < this.capacity && (next.nested || parked < MAX_PARKED);
    const roomy = serving.filter(hasRoom);
    // One may be emptied, so that it can be replaced by a fresh one; children go there all the same.
    const emptied = isolated > 0 && !next.nested && roomy.length === 1 && roomy[0]?.inFlight !== 0;
    hold(roomy.length === 0 || emptied, 'no lane has room while tasks wait');
    const lastResort = serving.length === 0 && this.opening === 0 && !this.scheduler.canGrow && next.nested;
    hold(!lastResort || !this.lanes.some(hasRoom), 'no retiring lane has room while children wait that can go nowhere else');
  }

  openFails(): void {
    this.opening--;
    this.#failed = true;
    this.scheduler.laneFailed();
    // As the runtime does when no lane is left: what waits is failed.
    if (this.scheduler.lanes > 0 || this.scheduler.opening > 0) return;
    for (const task of [...this.scheduler.waiting]) this.withdraw(task);
  }

  /** Lets everything run to its end, each lane in turn. */
  runOut(): void {
    this.perform({ kind: 'reserve', count: 0 });
    for (const lane of [...this.lanes]) for (const task of lane.tasks.filter(({ parked }) => parked)) this.unpark(lane, task);
    for (let rounds = 0; this.tasks.some(({ place }) => place !== 'done'); rounds++) {
      if (rounds > 10_000) throw new Error('tasks are left that nobody will run');
      while (this.opening > 0) this.openLane();
      for (const lane of [...this.lanes]) this.finish(lane, ...this.#work(lane, 3));
      this.check();
    }
    // The watch ends by itself: one more look, and none after it.
    this.advance(10);
    this.advance(10);
    hold(!this.tickRequested, 'an idle scheduler asks for no tick');
    hold(
      this.lanes.every(({ inFlight }) => inFlight === 0),
      'no slot is lost',
    );
  }
}

/** Whether the queue promises that one waiting task goes out before another. What came back stands in front, in no order of numbers. */
function goesBefore(first: SimTask, second: SimTask): boolean {
  // Those that want a lane each stand in a line of their own.
  if (first.isolate !== second.isolate) return false;
  if (first.nested !== second.nested) return first.nested;
  if (first.priority !== second.priority) return first.priority > second.priority;
  return first.returned ? !second.returned : !second.returned && first.number < second.number;
}

function play(given: WorldOptions, steps: readonly Step[]): Model {
  const model = new Model(given);
  for (const each of steps) model.perform(each);
  model.runOut();
  return model;
}

describe('the scheduler under any schedule', () => {
  it('E-8 keeps every task in one place, sends none twice at once, leaves no lane idle while tasks wait, and ends them all', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 60, size: 'max' }), (given, steps) => void play(given, steps)),
      { numRuns: 10_000 },
    );
  });

  it('E-10 runs each task once where no lane is lost', () => {
    const peaceful = step.filter(({ kind }) => kind !== 'lose' && kind !== 'withdraw' && kind !== 'takeBack' && kind !== 'openFails');
    fc.assert(
      fc.property(options, fc.array(peaceful, { maxLength: 60, size: 'max' }), (given, steps) => {
        for (const { runs, faulty } of play(given, steps).tasks) hold(runs === (faulty ? 0 : 1), 'each task runs once');
      }),
      { numRuns: 1_000 },
    );
  });
});
