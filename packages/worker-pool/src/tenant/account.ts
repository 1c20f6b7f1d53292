import type { HeddleError } from '@heddle/core';
import { Bucket } from './bucket.ts';
import type { ParsedTenantLimits } from './limits.ts';

/** What a runtime knows of one tenant, as long as there is anything to know. */
export class Account {
  /** `undefined` = of all tasks that belong to nobody. */
  readonly tenant: string | undefined;
  readonly limits: ParsedTenantLimits;
  /** What is wrong with what `perKey` said of it: nothing of it is started. */
  readonly fault: HeddleError | undefined;
  readonly bucket: Bucket | undefined;
  // Invariant: `queued` and `running` count its own tasks, `nested…` those that tasks of its own have started; each waiting or on a lane.
  queued = 0;
  running = 0;
  nestedQueued = 0;
  nestedRunning = 0;
  /** Coroutines, streams and agents that are open. */
  stateful = 0;
  /** Refused since there was anything to know of it. */
  refused = 0;
  /** Lines of queues that it stands in, or has not paid for. */
  lines = 0;
  /** Those who wait for room, and those among them and after them who have yet to start. */
  waiters = 0;
  entering = 0;

  constructor(tenant: string | undefined, limits: ParsedTenantLimits, fault: HeddleError | undefined, nowMs: number) {
    this.tenant = tenant;
    this.limits = limits;
    this.fault = fault;
    const { ratePerSecond, burst } = limits;
    this.bucket = ratePerSecond === Number.POSITIVE_INFINITY ? undefined : new Bucket(ratePerSecond, burst, nowMs);
  }

  /** Places on lanes that its own tasks may take. */
  get free(): number {
    return Math.max(0, this.limits.concurrency - this.running);
  }

  /** Whether nothing of it waits, runs or is open. */
  get idle(): boolean {
    return this.open === 0 && this.lines === 0 && this.entering === 0;
  }

  /** Tasks and stateful work that have not ended. */
  get open(): number {
    return this.queued + this.running + this.nestedQueued + this.nestedRunning + this.stateful;
  }
}
