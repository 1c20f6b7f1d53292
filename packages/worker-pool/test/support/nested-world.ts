import type { Outcome } from '@heddle/core';
import type { AsyncRef } from '../../src/async-ref.ts';
import type { Runtime } from '../../src/index.ts';
import type { RuntimeOptions } from '../../src/options.ts';
import { laneSettings } from '../../src/options.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import { actionOf, optionsOf, type Script } from '../fixtures/scripted.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { hold } from './hold.ts';
import { LocalPool } from './local-pool.ts';
import { forgetPlayed, played } from './played.ts';
import { quietOptions } from './quiet.ts';

/** What the world knows of a task that it started. */
export interface Root {
  readonly ref: AsyncRef<string>;
  readonly script: Script;
  readonly outcomes: Outcome[];
  /** Somebody asked for its end. */
  cancelled: boolean;
}

const PREFIX = 'nested-';
const TENANTS = [{ tenant: 'acme' }, { tenant: 'globex' }, {}] as const;

/** A runtime over lanes in this process, whose tasks play scripts: they start one another, fail, wait, and are made good again. */
export class NestedWorld {
  readonly clock = new FakeClock();
  readonly pool: LocalPool;
  readonly runtime: Runtime;
  readonly roots: Root[] = [];
  closed = false;
  #closing: Promise<void> | undefined;

  constructor(options: RuntimeOptions) {
    forgetPlayed();
    const parsed = quietOptions({ ...options, graceMs: 20, defaults: { backoffMs: 5 } });
    this.pool = new LocalPool({ ...laneSettings(parsed, PREFIX), services: false });
    this.runtime = createRuntimeOn(parsed, { createPool: () => this.pool, createIdPrefix: () => PREFIX, clock: this.clock });
  }

  start(script: Script, isolate: boolean, totalTimeoutMs: number): void {
    if (this.#closing !== undefined) return;
    const tenant = TENANTS[this.roots.length % TENANTS.length];
    const ref = this.runtime.start(actionOf(script), { script }, {}, { ...optionsOf(script), isolate, totalTimeoutMs, ...tenant });
    const root: Root = { ref, script, outcomes: [], cancelled: false };
    this.roots.push(root);
    void ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY }).then((outcome) => void root.outcomes.push(outcome));
  }

  cancel(pick: number): void {
    const root = this.roots[pick % Math.max(1, this.roots.length)];
    if (root === undefined) return;
    root.cancelled = true;
    void this.runtime.cancel(root.ref);
  }

  /** Anybody may cancel any task by its id, nested ones too. */
  cancelAny(pick: number): void {
    const { begun } = played();
    const id = begun[pick % Math.max(1, begun.length)]?.id;
    if (id === undefined) return;
    for (const root of this.roots) if (root.ref.id === id) root.cancelled = true;
    void this.runtime.cancel(id);
  }

  goOn(pick: number): void {
    const paused = [...played().paused];
    paused[pick % Math.max(1, paused.length)]?.();
  }

  /** A thread ends by itself. */
  lose(pick: number): void {
    const threads = this.pool.alive;
    threads[pick % Math.max(1, threads.length)]?.end({ exitCode: 7, error: undefined });
  }

  /** An error that nobody caught, of nobody that can be named: the lane is replaced. */
  stray(pick: number): void {
    const threads = this.pool.alive;
    threads[pick % Math.max(1, threads.length)]?.lane.uncaught(new Error('stray'));
  }

  close(graceMs: number): void {
    this.#closing ??= this.runtime.close({ graceMs }).then(() => {
      this.closed = true;
    });
  }

  /** Lets everything go on until nothing is left; then looks for what is. */
  async runOut(): Promise<void> {
    for (let round = 0; this.#isOpen(); round++) {
      hold(round < 300, `tasks are left that never end: ${JSON.stringify(this.runtime.stats())}`);
      for (const goOn of [...played().paused]) goOn();
      await rest();
      await this.clock.advance(7);
    }
    for (const { ref, outcomes } of this.roots) hold(outcomes.length === 1 && ref.status === 'settled', 'each task has one outcome');
    for (const root of this.roots) this.#check(root);
    this.#checkCompensations();
    hold(this.runtime.stats().tenants.length === 0, 'no tenant has anything left');
    this.close(0);
    for (let round = 0; !this.closed; round++) {
      hold(round < 300, 'the runtime closes');
      await this.clock.advance(1000);
    }
    await this.clock.advance(10_000);
    hold(this.clock.pending === 0, 'no timer is left');
  }

  #isOpen(): boolean {
    const { queued, running, retrying, compensating } = this.runtime.stats();
    return queued + running + retrying + compensating > 0 || this.roots.some(({ outcomes }) => outcomes.length === 0);
  }

  #check({ ref, script, outcomes, cancelled }: Root): void {
    const [outcome] = outcomes;
    const ran = played().begun.some(({ id, role }) => id === ref.id && role === 'run');
    const undone = played().begun.some(({ id, role }) => id === ref.id && role === 'undo');
    if (outcome === undefined || outcome.ok) {
      hold(!undone, 'no success is undone');
      return;
    }
    const { type } = outcome.error;
    if (script.compensates && ran && type !== 'cancelled') hold(type === 'compensation_error', `a failure is made good: ${type}`);
    if (!script.compensates || !ran) hold(!undone, 'nothing is made good that never began');
    if (script.compensates && ran && type === 'cancelled')
      hold(cancelled || this.#closing !== undefined, 'only who cancelled it goes without');
  }

  #checkCompensations(): void {
    const seen = new Set<string>();
    for (const { id, role, attempt } of played().begun) {
      const name = `${id} ${role} ${attempt}`;
      hold(!seen.has(name), `an attempt begins once: ${name}`);
      seen.add(name);
      if (role === 'undo') hold(attempt <= 2, 'a compensation is tried again by its own count');
    }
  }
}

/**
 * Waits until everything has come to rest. Where Node imports TypeScript itself, the test runner fetches each lane's modules once more,
 * which takes a moment of real time: the world's own time must not run out meanwhile.
 */
export async function rest(): Promise<void> {
  await settle();
  if ('typescript' in process.features) await new Promise((resolve) => setTimeout(resolve, 5));
}
