import type { HeapInfo } from 'node:v8';
import { MessageChannel, type MessagePort, type ResourceLimits, type Worker } from 'node:worker_threads';
import { HeddleError } from '@heddle/core';
import { Piscina } from 'piscina';
import { type Clock, systemClock } from '../clock.ts';
import type { LaneSettings } from '../protocol/input.ts';
import { createClaimMemory } from './claims.ts';
import { heapLimits } from './heap-limits.ts';
import { memoryOf } from './lane-memory.ts';
import { loadsEnded } from './loads.ts';
import type { EventLoopTimes, LaneMemory, LaneThread, ThreadEnd, ThreadPool } from './thread-pool.ts';

/** How threads are started. */
export interface PiscinaPoolOptions {
  readonly settings: Omit<LaneSettings, 'port' | 'claims'>;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[];
  readonly openTimeoutMs: number;
  /** Whether lanes get a service channel. */
  readonly services: boolean;
}

const ENTRY = new URL('../worker/entry.js', import.meta.url).href;
const MAX_THREADS = 1024;
const PORT_CLOSE_LIMIT_MS = 1000;

/**
 * Threads from piscina, each leased once. The only file that knows piscina.
 *
 * A lease is a short task that installs our port in the thread and returns; from then on piscina sees an idle thread, and we serve it
 * over our own port. What makes that hold: `atomics: 'disabled'` (else piscina freezes an idle thread), `idleTimeout: Infinity` (else
 * it is reaped), a balancer that skips leased threads, the entry file given per run (a pool-level one that fails hangs every run).
 */
export function createPiscinaPool(options: PiscinaPoolOptions): ThreadPool {
  return new PiscinaPool(options, systemClock);
}

class PiscinaPool implements ThreadPool {
  readonly #options: PiscinaPoolOptions;
  readonly #clock: Clock;
  // The last one takes new leases. A failed start spoils piscina (it stops respawning, or queues for ever), so the next gets a new one;
  // the old one still holds its healthy threads.
  readonly #pools: LeasingPool[] = [];
  readonly #opening = new Set<Promise<LaneThread>>();
  /** Those that have not ended. */
  readonly #threads = new Set<PiscinaThread>();
  #closed = false;

  constructor(options: PiscinaPoolOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  open(): Promise<LaneThread> {
    if (this.#closed) return Promise.reject(new HeddleError('closed', 'The pool of threads is closed'));
    const opened = this.#open();
    this.#opening.add(opened);
    const done = (): void => void this.#opening.delete(opened);
    opened.then(done, done);
    return opened;
  }

  async #open(): Promise<LaneThread> {
    const pool = this.#current();
    const { port1, port2 } = new MessageChannel();
    const claims = createClaimMemory();
    const services = this.#options.services ? new MessageChannel() : undefined;
    const settings: LaneSettings = { ...this.#options.settings, port: port2, claims, ...(services && { services: services.port2 }) };
    const transferList = services === undefined ? [port2] : [port2, services.port2];
    try {
      const threadId = await this.#inTime(pool.lease(settings, transferList));
      const worker = pool.thread(threadId);
      const thread = new PiscinaThread(worker, threadId, port1, services?.port1, claims, this.#clock);
      this.#threads.add(thread);
      worker.once('exit', () => this.#threads.delete(thread));
      return thread;
    } catch (cause) {
      pool.spoilt = true;
      port1.close();
      services?.port1.close();
      throw new HeddleError('worker_lost', `A thread could not be started: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }

  #current(): LeasingPool {
    const last = this.#pools.at(-1);
    if (last !== undefined && !last.spoilt) return last;
    const pool = new LeasingPool(this.#options);
    this.#pools.push(pool);
    return pool;
  }

  #inTime<T>(promise: Promise<T>): Promise<T> {
    const { openTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(openTimeoutMs, () => reject(new Error(`it did not answer within ${openTimeoutMs}ms`)));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Node 20 aborts the process where a thread is terminated while it links its first modules.
    await Promise.allSettled(this.#opening);
    await Promise.all(Array.from(this.#threads, (thread) => thread.loadsEnded()));
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}

class LeasingPool {
  /** A start failed: take no more leases here. */
  spoilt = false;
  readonly #piscina: Piscina;
  readonly #leased = new Set<number>();

  constructor({ resourceLimits, env, execArgv }: PiscinaPoolOptions) {
    this.#piscina = new Piscina({
      minThreads: 0,
      maxThreads: MAX_THREADS,
      maxQueue: Number.POSITIVE_INFINITY,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
      recordTiming: false,
      execArgv: [...execArgv],
      ...(env === undefined ? {} : { env }),
      ...(resourceLimits === undefined ? {} : { resourceLimits: heapLimits(resourceLimits) }),
      loadBalancer: (_task, workers) => {
        const free = workers.find((worker) => !this.#leased.has(worker.id));
        if (free !== undefined) this.#leased.add(free.id);
        return free ?? null;
      },
    });
    // A thread's death is told by its own `exit` and its port's `close`; without a listener this event would end the process.
    this.#piscina.on('error', () => {});
  }

  async lease(settings: LaneSettings, transferList: MessagePort[]): Promise<number> {
    const answer: unknown = await this.#piscina.run(settings, { filename: ENTRY, name: 'lease', transferList });
    // A crash can resolve a lease with anything.
    if (typeof answer !== 'number') throw new Error('it crashed while starting');
    return answer;
  }

  thread(threadId: number): Worker {
    const worker = this.#piscina.threads.find((candidate) => candidate.threadId === threadId);
    if (worker === undefined) throw new Error('it ended while starting');
    return worker;
  }

  async destroy(): Promise<void> {
    // A start that throws inside piscina leaves its task in the queue, its promise in nobody's hands: `destroy` would reject it unheard.
    if (this.spoilt) await Promise.all(this.#piscina.threads.map((thread) => thread.terminate()));
    else await this.#piscina.destroy();
  }
}

/** A worker that can be asked from outside, even while it spins: Node 22.16 and newer. */
interface HeapTeller {
  getHeapStatistics?(): Promise<HeapInfo>;
}

class PiscinaThread implements LaneThread {
  readonly threadId: number;
  readonly port: MessagePort;
  readonly services: MessagePort | undefined;
  readonly claims: SharedArrayBuffer;
  readonly #worker: Worker;
  readonly #clock: Clock;
  #error: unknown;
  // `undefined` while it lives; then what it left with.
  #exitCode: number | undefined;
  #exited = false;
  #portClosed = false;
  #callback: ((end: ThreadEnd) => void) | undefined;

  constructor(
    worker: Worker,
    threadId: number,
    port: MessagePort,
    services: MessagePort | undefined,
    claims: SharedArrayBuffer,
    clock: Clock,
  ) {
    this.#worker = worker;
    this.threadId = threadId;
    this.port = port;
    this.services = services;
    this.claims = claims;
    this.#clock = clock;
    worker.on('error', (error) => {
      this.#error = error;
    });
    worker.once('exit', (code) => this.#exit(code));
    port.once('close', () => {
      this.#portClosed = true;
      // The port kept the process alive for what was in flight; until the thread's `exit` is heard, the thread itself has to.
      if (!this.#exited) worker.ref();
      this.#endWhenBoth();
    });
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.#callback = callback;
    this.#endWhenBoth();
  }

  async memoryBytes(): Promise<number | undefined> {
    const memory = await this.memory();
    return memory === undefined ? undefined : memory.heapTotalBytes + memory.externalBytes;
  }

  eventLoop(): EventLoopTimes | undefined {
    // Gone once the thread has ended, whatever its type says.
    const performance: Worker['performance'] | undefined = this.#worker.performance;
    const { active, idle } = performance?.eventLoopUtilization() ?? { active: 0, idle: 0 };
    return active + idle === 0 ? undefined : { activeMs: active, idleMs: idle };
  }

  async memory(): Promise<LaneMemory | undefined> {
    const worker: Worker & HeapTeller = this.#worker;
    // Not on Node 20.
    return worker.getHeapStatistics === undefined ? undefined : memoryOf(await worker.getHeapStatistics());
  }

  terminate(): void {
    void this.loadsEnded().then(() => this.#worker.terminate()); // its `exit` event tells
  }

  /** Settles when the thread may be ended: it begins to load nothing more. */
  loadsEnded(): Promise<void> {
    return this.#exited ? Promise.resolve() : loadsEnded(this.claims, this.#clock, () => this.#exited);
  }

  #exit(code: number): void {
    this.#exitCode = code;
    this.#exited = true;
    // The port closes by itself once its last message is delivered; should it not, nothing may wait for it for ever.
    if (!this.#portClosed) this.#clock.after(PORT_CLOSE_LIMIT_MS, () => this.port.close(), true);
    this.#endWhenBoth();
  }

  #endWhenBoth(): void {
    if (!this.#exited || !this.#portClosed || this.#callback === undefined) return;
    const callback = this.#callback;
    this.#callback = undefined;
    callback({ exitCode: this.#exitCode, error: this.#error });
  }
}
