import { Estimate } from '../../src/scheduler/estimate.ts';
import type { Schedulable } from '../../src/scheduler/ports.ts';
import { parseTenants, type TenantsOptions } from '../../src/tenant/limits.ts';
import { Tenants } from '../../src/tenant/tenants.ts';
import { FakeClock } from './fake-clock.ts';
import { estimateOf } from './scheduler-world.ts';

/** A task that runs nowhere, and how long it would take. */
export interface TenantTask extends Schedulable {
  readonly tenant: string | undefined;
  readonly us: number;
  nested: boolean;
  waiting: boolean;
}

/** What a task is made with. `knownUs`: what is known of its action. */
export interface TenantTaskOptions {
  readonly us?: number;
  readonly knownUs?: number | undefined;
  readonly nested?: boolean;
  readonly priority?: number;
}

export function tenantTask(
  tenant: string | undefined,
  { us = 1000, knownUs, nested = false, priority = 0 }: TenantTaskOptions = {},
): TenantTask {
  const estimate = knownUs === undefined ? new Estimate() : estimateOf(knownUs);
  return { tenant, us, estimate, nested, priority, alone: false, isolate: false, size: 0, parked: false, weight: 0, waiting: true };
}

/** The tenants of a runtime with a line of tasks, and lanes that are only counted: what goes out runs for as long as it says. */
export class TenantLine {
  readonly clock = new FakeClock();
  readonly tenants: Tenants<TenantTask>;
  readonly #running: { readonly task: TenantTask; readonly endMs: number }[] = [];
  readonly #lanes: number;
  /** What each tenant has used of the lanes. Microseconds. */
  readonly usedUs = new Map<string | undefined, number>();

  constructor(options: TenantsOptions, lanes = 2) {
    this.tenants = new Tenants(parseTenants(options), this.clock);
    this.#lanes = lanes;
  }

  add(...tasks: readonly TenantTask[]): void {
    for (const task of tasks) this.tenants.shared.push(task);
  }

  /** Gives the lanes that are free what may go out; answers it. */
  fill(): TenantTask[] {
    const begun: TenantTask[] = [];
    while (this.#running.length < this.#lanes) {
      const task = this.tenants.shared.shift(false);
      if (task === undefined) break;
      task.waiting = false;
      this.#running.push({ task, endMs: this.clock.nowMs + task.us / 1000 });
      begun.push(task);
    }
    return begun;
  }

  /** The task that ends first does. */
  finishOne(): TenantTask | undefined {
    const next = this.#running.sort((a, b) => a.endMs - b.endMs).shift();
    if (next === undefined) return undefined;
    const { task, endMs } = next;
    this.clock.nowMs = endMs;
    this.usedUs.set(task.tenant, (this.usedUs.get(task.tenant) ?? 0) + task.us);
    this.tenants.ran(task, task.us);
    this.tenants.settled(task);
    return task;
  }

  /** The tenants of all that goes out, one lane, one after the other. */
  order(): (string | undefined)[] {
    const tenants: (string | undefined)[] = [];
    for (let begun = this.fill(); begun.length > 0 || this.#running.length > 0; begun = this.fill()) {
      tenants.push(...begun.map(({ tenant }) => tenant));
      this.finishOne();
    }
    return tenants;
  }
}
