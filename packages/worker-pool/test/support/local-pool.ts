import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { HeddleError } from '@heddle/core';
import { afterEach } from 'vitest';
import type { RuntimeEvent } from '../../src/event.ts';
import type { Runtime } from '../../src/index.ts';
import { createClaimMemory, LaneClaims } from '../../src/lane/claims.ts';
import type { LaneThread, ThreadEnd, ThreadPool } from '../../src/lane/thread-pool.ts';
import { laneSettings, type RuntimeOptions } from '../../src/options.ts';
import type { LaneSettings } from '../../src/protocol/input.ts';
import { createRuntimeOn } from '../../src/runtime.ts';
import { type ServedLane, serve } from '../../src/worker/serve.ts';
import { FakeClock } from './fake-clock.ts';
import { quietOptions } from './quiet.ts';

type LocalSettings = Omit<LaneSettings, 'port' | 'claims' | 'services'> & { readonly services: boolean };

/** Claims of a lane whose thread is thought to have ended: the lane may still be here, loading a module, but nothing begins on it. */
class MortalClaims extends LaneClaims {
  readonly #isOver: () => boolean;

  constructor(memory: SharedArrayBuffer, isOver: () => boolean) {
    super(memory);
    this.#isOver = isOver;
  }

  override begin(slot: number, generation: number): boolean {
    return !this.#isOver() && super.begin(slot, generation);
  }

  override started(slot: number, nowMs: number): void {
    if (this.#isOver()) throw new Error('the thread has ended');
    super.started(slot, nowMs);
  }
}

/** A lane served in this very process, which ends when it is told to. What runs on it runs on: a test opens its gates. */
export class LocalThread implements LaneThread {
  readonly threadId: number;
  readonly port: MessagePort;
  readonly claims = createClaimMemory();
  readonly lane: ServedLane;
  /** The host's end of its service channel. */
  readonly services: MessagePort | undefined;
  ended = false;
  readonly #inside: MessagePort[];
  #onEnd: (end: ThreadEnd) => void = () => {};
  #end: ThreadEnd = { exitCode: 0, error: undefined };

  constructor(threadId: number, { services: offered, ...settings }: LocalSettings) {
    const { port1, port2 } = new MessageChannel();
    const services = offered ? new MessageChannel() : undefined;
    this.threadId = threadId;
    this.port = port1;
    this.services = services?.port1;
    this.#inside = services === undefined ? [port2] : [port2, services.port2];
    const claims = new MortalClaims(this.claims, () => this.ended);
    this.lane = serve({ ...settings, port: port2, claims, ...(services && { services: services.port2 }) });
    port1.once('close', () => this.#onEnd(this.#end));
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.#onEnd = callback;
  }

  terminate(): void {
    this.end({ exitCode: 1, error: undefined });
  }

  /** Ends as a thread does: what it had posted still arrives. */
  end(end: ThreadEnd): void {
    this.ended = true;
    this.#end = end;
    for (const port of this.#inside) port.close();
  }
}

/** Threads that are lanes in this process. */
export class LocalPool implements ThreadPool {
  readonly threads: LocalThread[] = [];
  readonly #settings: LocalSettings;
  #closed = false;

  constructor(settings: LocalSettings) {
    this.#settings = settings;
  }

  get alive(): LocalThread[] {
    return this.threads.filter(({ ended }) => !ended);
  }

  open(): Promise<LaneThread> {
    if (this.#closed) return Promise.reject(new HeddleError('worker_lost', 'the pool is closed'));
    const thread = new LocalThread(this.threads.length + 1, this.#settings);
    this.threads.push(thread);
    return Promise.resolve(thread);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const thread of this.threads) thread.terminate();
    return Promise.resolve();
  }
}

const open: Runtime[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((runtime) => runtime.close({ graceMs: 0 })));
});

/** A runtime whose lanes are in this process, with a clock that stands still. Closed after the test. */
export function localRuntime(options: RuntimeOptions = {}): {
  runtime: Runtime;
  pool: LocalPool;
  clock: FakeClock;
  events: RuntimeEvent[];
} {
  const events: RuntimeEvent[] = [];
  const parsed = quietOptions({ ...options, threads: { max: 1, ...options.threads } }, events);
  const idPrefix = `${parsed.name}-`;
  const pool = new LocalPool({ ...laneSettings(parsed, idPrefix), services: parsed.services !== undefined });
  const clock = new FakeClock();
  const runtime = createRuntimeOn(parsed, { createPool: () => pool, createIdPrefix: () => idPrefix, clock });
  open.push(runtime);
  return { runtime, pool, clock, events };
}
