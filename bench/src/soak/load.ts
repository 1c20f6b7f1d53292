import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';
import { STOP } from '../work/echo.ts';
import { echoes } from '../work/echo-action.ts';
import { askingAction, endlessAction, waitingAction } from '../work/endless-action.ts';
import { type Order, orderAt } from '../work/order.ts';
import { priceOrderChecked } from '../work/order-action.ts';
import { crashes, secondTime } from '../work/soak-action.ts';
import { emptyTally } from '../work/tally.ts';
import { tallies } from '../work/tally-agent.ts';
import { addOneChecked } from '../work/tiny-action.ts';

/** One in so many cycles has a crash and a loop that has to be killed. */
const CRASH_EVERY = 25;
/** A task that has not ended by then is lost. */
const LOST_MS = 60_000;
const LONG = { timeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 } as const;
const STEPS = 5;
const SIGNALS = 20;

/** A mixed load, cycle by cycle: every way for work to begin and to end. Every cycle is made up alike, so that a task costs the same in each. */
export class SoakLoad {
  readonly #runtime: Runtime;
  readonly #orders: readonly Order[] = Array.from({ length: 1024 }, (_, index) => orderAt(index));
  /** What ended otherwise than its kind does; the first few, in words. */
  readonly wrong: string[] = [];
  wrongs = 0;
  /** Tasks, steps and signals that were started, and that ended. */
  started = 0;
  ended = 0;
  #cycles = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Started and never heard of again. */
  get lost(): number {
    return this.started - this.ended;
  }

  /** One cycle, and everything it started. A task that is lost holds it up for a minute. */
  async cycle(): Promise<void> {
    const parts = [
      ...Array.from({ length: 64 }, (_, caller) => this.#caller(caller, 50)),
      this.#map(1000),
      ...times(100, () => this.#awaited()),
      ...times(50, () => this.#cancelled()),
      this.#asked(),
      this.#expect('cancelled', this.#runtime.start(waitingAction, {}, {}, LONG), (ref) => this.#cancelLater(ref)),
      ...times(2, () => this.#expectRun('timeout', this.#runtime.run(waitingAction, {}, {}, { timeoutMs: 5, maxRetries: 0 }))),
      ...times(20, () => this.#expectRun('ok', this.#runtime.run(secondTime, {}, {}, { backoffMs: 1 }))),
      ...times(20, () => this.#coroutine()),
      ...times(5, () => this.#agent()),
    ];
    if (this.#cycles++ % CRASH_EVERY === 0) {
      parts.push(this.#expectRun('worker_lost', this.#runtime.run(crashes, {}, {}, { maxRetries: 0 })));
      parts.push(this.#expect('cancelled', this.#runtime.start(endlessAction, {}, {}, LONG), (ref) => this.#cancelLater(ref)));
    }
    const limit = new AbortController();
    await Promise.race([Promise.all(parts), sleep(LOST_MS, undefined, { signal: limit.signal, ref: false }).catch(() => {})]);
    limit.abort();
  }

  async #caller(caller: number, calls: number): Promise<void> {
    for (let call = 0; call < calls; call++) {
      const order = this.#orders[(caller * calls + call) % this.#orders.length] ?? orderAt(call);
      this.started++;
      const outcome = await this.#runtime.run(priceOrderChecked, order);
      this.#ended('ok', outcome);
      if (outcome.ok && outcome.value.id !== order.id) this.#complain(`order ${order.id} came back as ${outcome.value.id}`);
    }
  }

  async #map(count: number): Promise<void> {
    this.started += count;
    const items = Array.from({ length: count }, (_, index) => index);
    for await (const { outcome } of this.#runtime.map(addOneChecked, items)) this.#ended('ok', outcome);
  }

  async #awaited(): Promise<void> {
    this.started++;
    const ref = this.#runtime.start(priceOrderChecked, this.#orders[0] ?? orderAt(0));
    this.#ended('ok', await this.#runtime.await(ref, LOST_MS));
  }

  /** Cancelled in the queue, nearly always: what has begun by then may have ended well. */
  async #cancelled(): Promise<void> {
    this.started++;
    const ref = this.#runtime.start(priceOrderChecked, this.#orders[1] ?? orderAt(1), {}, { priority: -1 });
    void ref.cancel('not wanted'); // its outcome tells
    const outcome = await ref.outcome();
    this.#ended(outcome.ok ? 'ok' : 'cancelled', outcome);
  }

  async #asked(): Promise<void> {
    await this.#expect('cancelled', this.#runtime.start(askingAction, {}, {}, LONG), (ref) => this.#cancelLater(ref));
  }

  async #cancelLater(ref: Ref): Promise<void> {
    while (ref.status === 'queued') await sleep(1);
    await sleep(2);
    await ref.cancel('enough');
  }

  async #coroutine(): Promise<void> {
    const coroutine = this.#runtime.coroutine(echoes, {});
    this.started += STEPS + 2;
    const first = await coroutine.next();
    this.#count(first.kind === 'suspended', `a coroutine began with ${first.kind}`);
    for (let step = 0; step < STEPS; step++) {
      const next = await coroutine.next(step);
      this.#count(next.kind === 'suspended' && next.value === step, `step ${step} of a coroutine was ${next.kind}`);
    }
    const last = await coroutine.next(STOP);
    this.#count(last.kind === 'completed' && last.value === STEPS, `a coroutine ended with ${last.kind}`);
  }

  async #agent(): Promise<void> {
    this.started += SIGNALS + 1;
    const agent = this.#runtime.startAgent(tallies, emptyTally(SIGNALS));
    for (let number = 1; number < SIGNALS; number++) agent.send('add', { sender: 0, number });
    const last = await agent.call('add', { sender: 0, number: SIGNALS }, LOST_MS);
    if (last.ok && last.value.seen === SIGNALS) this.ended += SIGNALS;
    else this.#complain(`an agent has seen ${last.ok ? last.value.seen : last.error.message} of ${SIGNALS}`);
    this.#ended('ok', await agent.stop());
  }

  async #expect(kind: string, ref: Ref, meanwhile: (ref: Ref) => Promise<void>): Promise<void> {
    this.started++;
    await Promise.all([meanwhile(ref), ref.outcome().then((outcome) => this.#ended(kind, outcome))]);
  }

  async #expectRun(kind: string, run: Promise<Outcome>): Promise<void> {
    this.started++;
    this.#ended(kind, await run);
  }

  #ended(kind: string, outcome: Outcome): void {
    const type = outcome.ok ? 'ok' : outcome.error.type;
    this.#count(type === kind, `${kind} was expected and ${outcome.ok ? 'ok' : outcome.error} came`);
  }

  #count(right: boolean, complaint: string): void {
    this.ended++;
    if (!right) this.#complain(complaint);
  }

  #complain(text: string): void {
    this.wrongs++;
    if (this.wrong.length < 20) this.wrong.push(text);
  }
}

/** As much of a handle as is needed here. */
interface Ref {
  readonly status: string;
  outcome(): Promise<Outcome>;
  cancel(reason: string): Promise<unknown>;
}

function times(count: number, start: () => Promise<void>): Promise<void>[] {
  return Array.from({ length: count }, start);
}
