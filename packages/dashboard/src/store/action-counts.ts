import type { ActionRow } from '../wire.ts';
import { RecentLatency } from './latency.ts';

/** Actions that are told apart; what comes after counts as {@link OTHERS}. */
const MAX_ACTIONS = 100;
const OTHERS = '(others)';

class Counts {
  ended = 0;
  failed = 0;
  cancelled = 0;
  perSecond = 0;
  #endedBefore = 0;
  readonly run = new RecentLatency();
  readonly wait = new RecentLatency();

  second(): void {
    this.perSecond = this.ended - this.#endedBefore;
    this.#endedBefore = this.ended;
  }
}

/** What became of each action's tasks. */
export class ActionCounts {
  readonly #counts = new Map<string, Counts>();
  // The action of one task is as a rule that of the next.
  #last: { readonly action: string; readonly counts: Counts } | undefined;

  ended(action: string, outcome: 'ok' | 'failed' | 'cancelled'): void {
    const counts = this.#last?.action === action ? this.#last.counts : this.#of(action);
    if (this.#last?.counts !== counts) this.#last = { action, counts };
    counts.ended++;
    if (outcome !== 'ok') counts[outcome]++;
  }

  took(action: string, waitMs: number, runMs: number): void {
    const { run, wait } = this.#of(action);
    wait.record(waitMs);
    run.record(runMs);
  }

  #of(action: string): Counts {
    const known = this.#counts.get(action);
    if (known !== undefined) return known;
    if (this.#counts.size >= MAX_ACTIONS && action !== OTHERS) return this.#of(OTHERS);
    const counts = new Counts();
    this.#counts.set(action, counts);
    return counts;
  }

  /** A second has passed. */
  second(): void {
    for (const counts of this.#counts.values()) counts.second();
  }

  /** A window of latencies is over. */
  turn(): void {
    for (const { run, wait } of this.#counts.values()) {
      run.turn();
      wait.turn();
    }
  }

  rows(): ActionRow[] {
    return [...this.#counts].map(([action, { ended, failed, cancelled, perSecond, run, wait }]) => {
      const [ran, waited] = [run.percentiles(), wait.percentiles()];
      const latencies = { ...(ran === undefined ? {} : { run: ran }), ...(waited === undefined ? {} : { wait: waited }) };
      return { action, ended, failed, cancelled, perSecond, ...latencies };
    });
  }
}
