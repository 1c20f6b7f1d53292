import { HeddleError, type Outcome, type Step } from '@heddle/core';
import { kindOf, toHeddleError } from '@heddle/core/engine';
import { type Clock, systemClock } from '../clock.ts';
import { CoroutineRun } from '../coroutine/coroutine-run.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { RuntimeEvent } from '../event.ts';
import { decodeFields } from '../logger.ts';
import type { LogOutput } from '../protocol/output.ts';
import { createRedactor, type Redactor } from '../redactor.ts';
import { hostOf } from '../runtime.ts';
import type { Runtime } from '../runtime-interface.ts';
import type { Task } from '../task.ts';
import type { TaskHost } from '../task-host.ts';
import type { AttemptTrace, TaskTrace } from '../telemetry/trace.ts';
import type { InspectedDetails, InspectedTask, Inspection, InspectionListeners, LanePlace } from './inspection.ts';
import type { TaskObserver } from './observer.ts';
import { kindOfTask, placesOf, viewOf } from './view.ts';

/**
 * Looks into a runtime: what is open, what runs where, and, by the listeners, what ends. For tools, such as `@heddle/dashboard`; a runtime
 * has one inspection at a time.
 *
 * @throws HeddleError `config_error` for what is no runtime, and while another inspection of it is open
 */
export function inspectRuntime(runtime: Runtime, listeners: InspectionListeners = {}): Inspection {
  const parts = hostOf(runtime);
  if (parts === undefined)
    throw new HeddleError('config_error', `\`inspectRuntime\` takes what \`createRuntime\` returned; got ${kindOf(runtime)}`);
  const { host, options } = parts;
  if (host.dispatcher.observed.current !== undefined)
    throw new HeddleError('config_error', `Runtime ${options.name} is being inspected already: close that inspection first`);
  return new RuntimeInspection(host, createRedactor(options.redact), listeners, systemClock);
}

class RuntimeInspection implements Inspection, TaskObserver {
  each = false;
  readonly #host: TaskHost;
  readonly #redactor: Redactor;
  readonly #listeners: InspectionListeners;
  readonly #clock: Clock;
  readonly #warned = new Set<string>();

  constructor(host: TaskHost, redactor: Redactor, listeners: InspectionListeners, clock: Clock) {
    this.#host = host;
    this.#redactor = redactor;
    this.#listeners = listeners;
    this.#clock = clock;
    host.dispatcher.observed.current = this;
  }

  close(): void {
    const { observed } = this.#host.dispatcher;
    if (observed.current === this) observed.current = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  places(): readonly LanePlace[] {
    const { dispatcher, lanes } = this.#host;
    return [...placesOf(dispatcher, false), ...(lanes.opened === undefined ? [] : placesOf(lanes.opened, true))];
  }

  tasks(limit: number): readonly InspectedTask[] {
    const { idPrefix } = this.#host;
    const nowMs = this.#clock.now();
    const found: InspectedTask[] = [];
    for (const task of this.#open()) {
      if (found.length >= limit) break;
      found.push(viewOf(task, idPrefix, nowMs));
    }
    return found;
  }

  /** The queue last: it is read no further than it is asked for. */
  *#open(): IterableIterator<Task> {
    const { tasks } = this.#host.dispatcher;
    yield* tasks.begun();
    yield* tasks.waiting();
  }

  task(id: string): InspectedDetails | undefined {
    const task = this.#find(id);
    if (task === undefined) return undefined;
    const { idPrefix } = this.#host;
    const nowMs = this.#clock.now();
    const { resumeSchema } = task.host instanceof CoroutineRun ? toJson(task) : { resumeSchema: undefined };
    return {
      ...viewOf(task, idPrefix, nowMs),
      // What stands for a coroutine or an agent holds none itself.
      params: this.redact(task.params ?? task.trace?.params),
      progress: this.redact(task.progress),
      lastError: task.lastError,
      children: [...(task.children?.values() ?? [])].map((child) => viewOf(child.task, idPrefix, nowMs)),
      resumeSchema,
    };
  }

  #find(id: string): Task | undefined {
    const { idPrefix, agents } = this.#host;
    const agent = agents.byId(id);
    if (agent !== undefined) return agent.life;
    if (!id.startsWith(idPrefix)) return undefined;
    const key = id.slice(idPrefix.length);
    for (const task of this.#open()) if (String(task.key) === key && task.entry.role !== 'pack') return task;
    return undefined;
  }

  resume(id: string, value: unknown): void {
    const task = this.#find(id);
    if (task === undefined) throw new HeddleError('not_found', `No open task has the id ${id}`);
    const run = task.host;
    if (!(run instanceof CoroutineRun))
      throw new HeddleError('not_suspended', `Task ${id} does not wait for a value: ${task.entry.action.name} is no coroutine`);
    this.#host.coroutineRef(run, this.#host.coroutines.resumesOf(run)).resume(value);
  }

  endLane(threadId: number): boolean {
    const { dispatcher, lanes } = this.#host;
    return [dispatcher, lanes.opened].some((own) => own !== undefined && endLaneOf(own, threadId));
  }

  redact(value: unknown): unknown {
    return this.#redactor.fields({ value })['value'];
  }

  // These two are called for every task, so nothing is made for them: no closure, no record.
  follows(task: Task): boolean {
    const { follows } = this.#listeners;
    if (follows === undefined) return false;
    try {
      return follows(task.entry.action.name, task.host === undefined ? 'plain' : kindOfTask(task));
    } catch (thrown) {
      this.#warn('follows', thrown);
      return false;
    }
  }

  counted(task: Task, outcome: Outcome): void {
    if (task.options.telemetry === 'silent') return;
    try {
      this.#listeners.counted?.(task.entry.action.name, outcome);
    } catch (thrown) {
      this.#warn('counted', thrown);
    }
    if (!outcome.ok) this.#failed(task, outcome.error);
  }

  #failed({ attempts, threadId, durationUs, key, entry, trace }: Task, error: HeddleError): void {
    const { failed } = this.#listeners;
    if (failed === undefined) return;
    const id = this.#host.idPrefix + key;
    const runMs = durationUs === undefined ? undefined : durationUs / 1000;
    const followed = trace?.followed === true;
    this.#guard('failed', () => failed({ id, action: entry.action.name, error, attempts, threadId, runMs, followed }));
  }

  ended(trace: TaskTrace, params: unknown, outcome: Outcome): void {
    this.#guard('ended', () => this.#listeners.ended?.(trace, params, outcome));
  }

  attemptEnded(trace: AttemptTrace, outcome: Outcome): void {
    this.#guard('attemptEnded', () => this.#listeners.attemptEnded?.(trace, outcome));
  }

  partRan(trace: TaskTrace, threadId: number | undefined, runMs: number): void {
    this.#guard('partRan', () => this.#listeners.partRan?.(trace, threadId, runMs));
  }

  stepTaken(trace: TaskTrace, step: Step): void {
    this.#guard('stepTaken', () => this.#listeners.stepTaken?.(trace, step));
  }

  logged([, key, attempt, action, level, fields, message]: LogOutput, threadId: number): void {
    const { logged } = this.#listeners;
    if (logged === undefined) return;
    const taskId = this.#host.idPrefix + key;
    this.#guard('logged', () => {
      const told = this.#redactor.fields(decodeFields(fields));
      logged({ taskId, action, attempt, level, fields: told, message, threadId });
    });
  }

  told(event: RuntimeEvent): void {
    this.#guard('event', () => this.#listeners.event?.(event));
  }

  #guard<R>(name: string, call: () => R): R | undefined {
    try {
      return call();
    } catch (thrown) {
      this.#warn(name, thrown);
      return undefined;
    }
  }

  /** A listener that fails for every task must not fill the terminal: the first is enough. */
  #warn(name: string, thrown: unknown): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    process.emitWarning(`The inspection's listener \`${name}\` threw: ${toHeddleError(thrown).message}`, 'HeddleWarning');
  }
}

function toJson(task: Task): { readonly resumeSchema: unknown } {
  const { resumeSchema } = task.entry.action.toJSON();
  return { resumeSchema };
}

function endLaneOf(dispatcher: Dispatcher, threadId: number): boolean {
  const lane = [...dispatcher.keeper].find((each) => each.threadId === threadId);
  if (lane === undefined) return false;
  const message = `Lane ${threadId} was ended by hand`;
  dispatcher.stopLane(lane, new HeddleError('worker_lost', message, { details: { threadId }, retryable: true }));
  return true;
}
