import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Action, Outcome } from '@heddle/core';
import { createClaimMemory, HostClaims } from '../../src/lane/claims.ts';
import { INPUT_ACTION, INPUT_CANCEL, type LaneSettings, type TaskInput } from '../../src/protocol/input.ts';
import { nextOutcome, outcomeAt } from '../../src/protocol/outcome-batch.ts';
import { type LaneOutput, OUTPUT_OUTCOMES, OUTPUT_SHAPE } from '../../src/protocol/output.ts';
import { RowReader } from '../../src/protocol/row.ts';
import { TaskBatch } from '../../src/protocol/task-batch.ts';
import { type CallingTask, ServiceHost } from '../../src/service/service-host.ts';
import { createServiceTable, type ServiceObjects } from '../../src/service/service-table.ts';
import { type ServedLane, serve } from '../../src/worker/serve.ts';

/** How a lane is served; as a runtime's defaults are. */
interface ServedOptions extends Partial<Omit<LaneSettings, 'port' | 'claims' | 'idPrefix' | 'services'>> {
  readonly services?: ServiceObjects;
}

/** A lane served in this process; the test is its host. */
export class ServedHost {
  readonly claims: HostClaims;
  readonly lane: ServedLane;
  /** Everything the lane has said, in order. */
  readonly outputs: LaneOutput[] = [];
  /** What tasks ended with, by task number, in the order they came. */
  readonly outcomes = new Map<number | string, Outcome>();
  readonly #port: MessageChannel['port1'];
  readonly #rows = new RowReader();
  readonly #numbers = new Map<Action<never>, number>();
  readonly #tasks = new Map<number, TaskInput>();
  /** The lane's end of its service channel, for messages that no client would send. */
  readonly servicePort: MessagePort | undefined;
  readonly #services: ServiceHost | undefined;
  /** Who may call, by slot. */
  readonly #callers = new Map<number, CallingTask>();
  #taskNumbers = 0;
  #waiting: (() => void)[] = [];

  constructor({ concurrency = 1, logLevel = 'info', redact = [], propagators, services }: ServedOptions = {}) {
    const { port1, port2 } = new MessageChannel();
    const memory = createClaimMemory();
    this.claims = new HostClaims(memory);
    const table = createServiceTable(services);
    const channel = table === undefined ? undefined : new MessageChannel();
    this.servicePort = channel?.port2;
    if (table !== undefined && channel !== undefined)
      this.#services = new ServiceHost(channel.port1, table, 'served-', (slot, generation) =>
        this.claims.generation(slot) === generation ? this.#callers.get(slot) : undefined,
      );
    const settings = { port: port2, claims: memory, idPrefix: 'served-', concurrency, logLevel, redact, propagators };
    this.lane = serve({ ...settings, ...(channel && { services: channel.port2 }) });
    this.#port = port1;
    port1.on('message', (output: LaneOutput) => this.#receive(output));
  }

  #receive(output: LaneOutput): void {
    this.outputs.push(output);
    if (output[0] === OUTPUT_SHAPE) this.#rows.learn(output[1], output[2]);
    if (output[0] === OUTPUT_OUTCOMES)
      for (let offset = 1; offset < output.length; offset = nextOutcome(output, offset, this.#rows)) {
        const slot = output[offset] as number; // by the protocol
        const task = this.#tasks.get(slot);
        if (task === undefined) throw new Error(`an outcome came for slot ${slot}, which no task holds`);
        this.#tasks.delete(slot);
        this.leave(slot);
        this.claims.release(slot);
        this.outcomes.set(task.task, outcomeAt(output, offset, this.#rows));
      }
    for (const heard of this.#waiting.splice(0)) heard();
  }

  /** The task of a slot may call no more, as when it leaves a lane. */
  leave(slot: number): void {
    const caller = this.#callers.get(slot);
    this.#callers.delete(slot);
    if (caller !== undefined) this.#services?.left(caller);
  }

  /** A task as it is sent; introduces its action first. */
  task(action: Action<never>, params: unknown = {}, options: Partial<TaskInput> = {}): TaskInput {
    const slot = this.claims.acquire();
    if (slot === undefined) throw new Error('no slot is free');
    const known = this.#numbers.get(action);
    const number = known ?? this.#numbers.size;
    if (known === undefined) {
      this.#numbers.set(action, number);
      this.#port.postMessage([INPUT_ACTION, number, action.module, action.name, 'run']);
    }
    const generation = this.claims.generation(slot);
    const task = {
      action: number,
      slot,
      generation,
      task: this.#taskNumbers++,
      attempt: 1,
      timeoutMs: Number.POSITIVE_INFINITY,
      deadlineMs: Number.POSITIVE_INFINITY,
      params,
    };
    this.#callers.set(slot, { key: task.task, entry: { action } });
    return { context: undefined, ...task, ...options };
  }

  /** Sends tasks in one message. */
  send(...tasks: readonly TaskInput[]): void {
    const batch = new TaskBatch();
    for (const task of tasks) {
      this.#tasks.set(task.slot, task);
      batch.add(task, undefined);
    }
    this.#port.postMessage(batch.message);
  }

  /** Sends one task and waits for its outcome. */
  async run(action: Action<never>, params: unknown = {}, options: Partial<TaskInput> = {}): Promise<Outcome> {
    const task = this.task(action, params, options);
    this.send(task);
    return this.outcome(task);
  }

  async outcome({ task }: TaskInput): Promise<Outcome> {
    for (;;) {
      const outcome = this.outcomes.get(task);
      if (outcome !== undefined) return outcome;
      await this.#output();
    }
  }

  /** Waits until the lane has said something that the test looks for. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#output();
  }

  #output(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  cancel({ slot, generation }: TaskInput, message = 'cancelled by the test'): void {
    this.claims.cancel(slot);
    this.#port.postMessage([INPUT_CANCEL, slot, generation, 'cancelled', message]);
  }

  /** Tells the lane to cancel a task of a slot's earlier life. */
  cancelStale({ slot, generation }: TaskInput): void {
    this.#port.postMessage([INPUT_CANCEL, slot, generation - 1, 'cancelled', 'for another']);
  }

  /** How many outcomes each post carried. */
  get posts(): number[] {
    return this.outputs.filter(([kind]) => kind === OUTPUT_OUTCOMES).map((output) => this.#count(output));
  }

  #count(output: LaneOutput): number {
    let count = 0;
    for (let offset = 1; offset < output.length; offset = nextOutcome(output, offset, this.#rows)) count++;
    return count;
  }

  /** Nobody answers calls any more. */
  closeServices(): void {
    this.#services?.close();
  }

  close(): void {
    this.closeServices();
    this.#port.close();
  }
}
