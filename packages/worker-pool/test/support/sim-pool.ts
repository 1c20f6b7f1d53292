import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { HeddleError, type Outcome } from '@heddle/core';
import { createClaimMemory, LaneClaims } from '../../src/lane/claims.ts';
import type { LaneThread, ThreadEnd, ThreadPool } from '../../src/lane/thread-pool.ts';
import { encodeOutcome } from '../../src/protocol/codec.ts';
import {
  INPUT_CANCEL,
  INPUT_SHAPE,
  INPUT_STEPS,
  INPUT_TASKS,
  type LaneInput,
  STEP_STRIDE,
  stepAt,
  type TaskInput,
} from '../../src/protocol/input.ts';
import { OUTPUT_OUTCOMES, OUTPUT_RETIRE } from '../../src/protocol/output.ts';
import { RowReader } from '../../src/protocol/row.ts';
import { tasksIn } from './tasks-in.ts';

/** A thread that is the test: it begins, finishes, dies and ignores its end by hand. What it says waits until it is delivered. */
export class SimThread implements LaneThread {
  readonly threadId: number;
  readonly claims = createClaimMemory();
  readonly lane = new LaneClaims(this.claims);
  /** Begun and not finished. */
  readonly running: TaskInput[] = [];
  terminated = false;
  ended = false;
  /** What it says it holds. */
  heldBytes: number | undefined;
  readonly #channel = new MessageChannel();
  #serviceChannel: MessageChannel | undefined;
  readonly #inbox: TaskInput[] = [];
  readonly #rows = new RowReader();
  readonly #asked = new Set<number>();
  // Finished and buffered: lost when the thread is. Posted: delivered, whatever happens to the thread.
  readonly #buffered: unknown[] = [];
  readonly #posted: unknown[] = [];
  #onEnd: (end: ThreadEnd) => void = () => {};

  constructor(threadId: number) {
    this.threadId = threadId;
    this.#channel.port1.once('close', () => this.#onEnd({ exitCode: this.terminated ? 1 : 7, error: undefined }));
  }

  get port(): MessagePort {
    return this.#channel.port1;
  }

  /** Made for runtimes with services: nobody else asks. */
  get services(): MessagePort {
    this.#serviceChannel ??= new MessageChannel();
    return this.#serviceChannel.port1;
  }

  /** The thread's own end of its service channel. */
  get servicePort(): MessagePort | undefined {
    return this.#serviceChannel?.port2;
  }

  /** Sent to it and not yet looked at. */
  get inbox(): readonly TaskInput[] {
    this.#receive();
    return this.#inbox;
  }

  /** The slots of running tasks that it was asked to end. */
  get asked(): ReadonlySet<number> {
    this.#receive();
    return this.#asked;
  }

  /** Whether its port keeps the process alive. */
  get held(): boolean {
    // Not in the types of Node 20.
    return !this.ended && (this.port as MessagePort & { hasRef(): boolean }).hasRef();
  }

  #receive(): void {
    for (let next = receiveMessageOnPort(this.#channel.port2); next !== undefined; next = receiveMessageOnPort(this.#channel.port2))
      this.#take(next.message as LaneInput); // only the host writes to this port
  }

  #take(message: LaneInput): void {
    if (message[0] === INPUT_SHAPE) this.#rows.learn(message[1], message[2]);
    if (message[0] === INPUT_TASKS) this.#inbox.push(...tasksIn(message, this.#rows));
    if (message[0] === INPUT_STEPS)
      for (let offset = 1; offset < message.length; offset += STEP_STRIDE) this.#inbox.push(stepAt(message, offset, undefined));
    if (message[0] === INPUT_CANCEL && this.running.some(({ slot, generation }) => slot === message[1] && generation === message[2]))
      this.#asked.add(message[1]);
  }

  /** Begins the next task that it can claim. Without a time, its module is still loading. */
  begin(nowMs?: number): TaskInput | undefined {
    this.#receive();
    for (let task = this.#inbox.shift(); task !== undefined; task = this.#inbox.shift()) {
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
    this.#asked.delete(task.slot);
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

  /** What it has posted arrives, within a turn of the loop. */
  deliver(): void {
    for (const message of this.#posted.splice(0)) this.#channel.port2.postMessage(message);
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.#onEnd = callback;
  }

  async memoryBytes(): Promise<number | undefined> {
    return this.heldBytes;
  }

  terminate(): void {
    this.terminated = true;
  }

  /** The thread ends: what it posted arrives, then its end. */
  end(): void {
    if (this.ended) return;
    this.#receive();
    this.deliver();
    this.ended = true;
    this.#channel.port2.close();
  }
}

/** Starts simulated threads when it is told to. */
export class SimPool implements ThreadPool {
  readonly threads: SimThread[] = [];
  /** Opens that wait. */
  readonly opens: { open(): SimThread; fail(): void }[] = [];
  closed = false;
  /** Whether its threads ignore their end, so that closing it takes for ever. */
  stuck = false;

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
    if (this.stuck) return new Promise(() => {});
    for (const thread of this.alive) {
      thread.terminate();
      thread.end();
    }
    return Promise.resolve();
  }
}
