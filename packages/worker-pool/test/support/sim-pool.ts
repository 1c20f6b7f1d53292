import type { MessagePort } from 'node:worker_threads';
import { HeddleError, type Outcome } from '@heddle/core';
import { createClaimMemory, LaneClaims } from '../../src/lane/claims.ts';
import type { LaneThread, ThreadEnd, ThreadPool } from '../../src/lane/thread-pool.ts';
import { encodeOutcome } from '../../src/protocol/codec.ts';
import { INPUT_CANCEL, INPUT_TASKS, type LaneInput, TASK_STRIDE, type TaskInput, taskAt } from '../../src/protocol/input.ts';
import { OUTPUT_OUTCOMES, OUTPUT_RETIRE } from '../../src/protocol/output.ts';

/** A thread that is the test: it begins, finishes, dies and ignores its end by hand. Messages wait until they are delivered. */
export class SimThread implements LaneThread {
  readonly threadId: number;
  readonly claims = createClaimMemory();
  readonly lane = new LaneClaims(this.claims);
  /** Sent to it and not yet looked at. */
  readonly inbox: TaskInput[] = [];
  /** Begun and not finished. */
  readonly running: TaskInput[] = [];
  /** Running tasks it was asked to end. */
  readonly asked = new Set<number>();
  terminated = false;
  ended = false;
  /** Whether its port keeps the process alive. */
  held = false;
  // Finished and buffered: lost when the thread is. Posted: delivered, whatever happens to the thread.
  readonly #buffered: unknown[] = [];
  readonly #posted: unknown[] = [];
  #receive: (message: unknown) => void = () => {};
  #onEnd: (end: ThreadEnd) => void = () => {};

  constructor(threadId: number) {
    this.threadId = threadId;
  }

  get port(): MessagePort {
    const port = {
      on: (_: string, listener: (message: unknown) => void) => {
        this.#receive = listener;
      },
      postMessage: (message: LaneInput) => this.#take(message),
      ref: () => {
        this.held = true;
      },
      unref: () => {
        this.held = false;
      },
    };
    return port as unknown as MessagePort; // of a port, a lane uses no more
  }

  #take(message: LaneInput): void {
    if (message[0] === INPUT_TASKS)
      for (let offset = 1; offset < message.length; offset += TASK_STRIDE) this.inbox.push(taskAt(message, offset));
    if (message[0] === INPUT_CANCEL && this.running.some(({ slot, generation }) => slot === message[1] && generation === message[2]))
      this.asked.add(message[1]);
  }

  /** Begins the next task that it can claim. Without a time, its module is still loading. */
  begin(nowMs?: number): TaskInput | undefined {
    for (let task = this.inbox.shift(); task !== undefined; task = this.inbox.shift()) {
      if (!this.lane.begin(task.slot, task.generation)) continue;
      if (nowMs !== undefined) this.lane.started(task.slot, nowMs);
      this.running.push(task);
      return task;
    }
    return undefined;
  }

  /** Ends a running task; its outcome goes out now, or waits in a buffer for the next post. */
  finish(task: TaskInput, outcome: Outcome, post = true, durationUs = 1000): void {
    this.running.splice(this.running.indexOf(task), 1);
    this.asked.delete(task.slot);
    this.lane.finish(task.slot, task.generation);
    const [form, payload] = encodeOutcome(outcome);
    this.#buffered.push(task.slot, form, durationUs, payload);
    if (post) this.flush();
  }

  flush(): void {
    if (this.#buffered.length > 0) this.#posted.push([OUTPUT_OUTCOMES, ...this.#buffered.splice(0)]);
  }

  /** Asks to be replaced. */
  retire(): void {
    this.flush();
    this.#posted.push([OUTPUT_RETIRE]);
  }

  deliver(): void {
    for (const message of this.#posted.splice(0)) this.#receive(structuredClone(message));
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.#onEnd = callback;
  }

  terminate(): void {
    this.terminated = true;
  }

  /** The thread ends: what it posted arrives, then its end. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.deliver();
    this.held = false;
    this.#onEnd({ exitCode: this.terminated ? 1 : 7, error: undefined });
  }
}

/** Starts simulated threads when it is told to. */
export class SimPool implements ThreadPool {
  readonly threads: SimThread[] = [];
  /** Opens that wait. */
  readonly opens: { open(): SimThread; fail(): void }[] = [];
  closed = false;

  open(): Promise<LaneThread> {
    return new Promise((resolve, reject) => {
      const error = new HeddleError('worker_lost', 'A thread could not be started: out of threads');
      if (this.closed) reject(error);
      const open = (): SimThread => {
        const thread = new SimThread(this.threads.length + 1);
        this.threads.push(thread);
        resolve(thread);
        return thread;
      };
      this.opens.push({ open, fail: () => reject(error) });
    });
  }

  get alive(): SimThread[] {
    return this.threads.filter(({ ended }) => !ended);
  }

  close(): Promise<void> {
    this.closed = true;
    for (const { fail } of this.opens.splice(0)) fail();
    for (const thread of this.alive) {
      thread.terminate();
      thread.end();
    }
    return Promise.resolve();
  }
}
