import { type Failure, fail, HeddleError } from '@heddle/core';
import type { Validator } from '@heddle/core/validation';
import type { ActionEntry, ActionTable, CoroutineEntries } from '../action-table.ts';
import { admit } from '../admission.ts';
import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { STUCK } from '../lane-losses.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { homeLostError, type StatefulLanes } from '../stateful/stateful-lanes.ts';
import { stepTask } from '../stateful/step-task.ts';
import { Task } from '../task.ts';
import { cancelledError, overloadedError, timeoutError } from '../task-error.ts';
import type { ParsedTaskOptions } from '../task-options.ts';
import { parseCoroutineOptions } from './coroutine-options.ts';
import { type CoroutinePorts, CoroutineRun } from './coroutine-run.ts';
import { createResumeEntry } from './resume-entry.ts';
import { parseStreamOptions } from './stream-options.ts';
import { StreamRun } from './stream-run.ts';
import { WaitLimits } from './wait-limits.ts';

/** What a runtime's coroutines stand on. */
export interface CoroutineHostPorts {
  readonly name: string;
  readonly actions: ActionTable;
  readonly clock: Clock;
  /** Where the runtime counts, watches and ends what it has started. */
  readonly main: Dispatcher;
  /** Coroutines that may be there at once. */
  readonly limit: number;
  readonly graceMs: number;
  /** Where they live. */
  readonly lanes: StatefulLanes;
}

/** One that was started, and what checks its values. */
export interface StartedCoroutine {
  readonly run: CoroutineRun;
  readonly resumes: Validator | undefined;
}

/** What a stream asks of whoever opens it, when it is first read. */
export interface StreamOwner {
  /** @throws HeddleError `closed` */
  assertOpen(): void;
  started(life: Task): void;
}

/** Coroutines of a runtime at one moment. */
export interface CoroutineCounts {
  /** There, whatever they do. */
  readonly open: number;
  readonly suspended: number;
}

/**
 * The coroutines and streams of one runtime. They live on lanes of their own, so that killing a plain task never takes a suspended coroutine
 * along; the lanes are started with the first of them. Source: SEMANTICS C-1, C-8, C-9, C-10.
 */
export class CoroutineHost {
  /** Of everybody who waits for a step. */
  readonly limits: WaitLimits;
  readonly #host: CoroutineHostPorts;
  readonly #ports: CoroutinePorts;
  // Invariant: every coroutine that has come to a first stop and has not ended, under the lane where it lives.
  readonly #residents = new Map<SchedulerLane<Task>, Set<CoroutineRun>>();
  #open = 0;
  #closing = false;
  #cleanupMs = Number.POSITIVE_INFINITY;

  constructor(host: CoroutineHostPorts) {
    this.#host = host;
    const { main, clock, lanes } = host;
    lanes.listen({ laneClosed: (lane) => this.#laneClosed(lane) });
    const cleanupMs = (): number => this.#cleanupMs;
    this.limits = new WaitLimits(clock);
    this.#ports = {
      clock,
      get cleanupMs() {
        return cleanupMs();
      },
      launch: (step) => lanes.launch(step),
      end: (step, error) => lanes.end(step, error),
      settled: (run, lane) => this.#settled(run, lane),
      ended: (run, lane, outcome) => {
        this.#open--;
        this.#left(run, lane);
        main.hostEnded(run.life, outcome);
      },
      lost: (run, lane) => (lane !== undefined && lanes.knows(lane) ? undefined : homeLostError(run.life.entry.action.name)),
      closing: (run) => (this.#closing ? this.#closedError(run) : undefined),
      guard: (callback, task, call) => void main.guard(callback, task, call),
    };
  }

  /** What checks the values that resume one; `undefined` = anything does. */
  resumesOf({ life }: CoroutineRun): Validator | undefined {
    return this.#host.actions.coroutine(life.entry.action).resumes;
  }

  counts(): CoroutineCounts {
    let suspended = 0;
    for (const runs of this.#residents.values()) for (const { state } of runs) if (state === 'suspended') suspended++;
    return { open: this.#open, suspended };
  }

  /**
   * Starts a coroutine. What is wrong with the action or its input becomes its one step.
   *
   * @throws HeddleError `invalid_input` for options at fault
   */
  start(action: unknown, params: unknown, context: unknown, options: unknown, started: (life: Task) => void): StartedCoroutine {
    const entries = this.#entries(action);
    const { coroutine: entry, resume, resumes } = 'error' in entries ? NO_ENTRIES : entries;
    const parsed = parseCoroutineOptions(options, entry.options);
    const { main } = this.#host;
    const run = new CoroutineRun(new Task(main.nextKey(), entry, parsed.task, undefined, undefined), resume, parsed, this.#ports);
    this.#open++;
    const unfit = main.host(run.life, run, params);
    started(run.life);
    const refusal = 'error' in entries ? fail(entries.error) : (this.#refusal(entry, parsed) ?? this.#excess() ?? unfit);
    const admitted = refusal ?? admit(entry, params, context);
    if ('ok' in admitted) queueMicrotask(() => run.refuse(admitted));
    else run.begin(entry, admitted.params, admitted.context);
    return { run, resumes };
  }

  /**
   * A stream, which starts when it is first read.
   *
   * @throws HeddleError `invalid_action`, `invalid_input`: before anything is read
   */
  stream(action: unknown, params: unknown, context: unknown, options: unknown, owner: StreamOwner): StreamRun {
    const entries = this.#host.actions.coroutine(action);
    const parsed = parseStreamOptions(options, entries.stream.options);
    const { main, lanes } = this.#host;
    return new StreamRun(parsed, {
      open: (run) => {
        // Before anything counts on its end.
        owner.assertOpen();
        const life = new Task(main.nextKey(), entries.coroutine, parsed.task, undefined, undefined);
        const unfit = main.host(life, run, params);
        owner.started(life);
        return { life, admitted: this.#refusal(entries.stream, parsed.step) ?? unfit ?? admit(entries.stream, params, context) };
      },
      step: (life, sent) => stepTask(life, { entry: entries.stream, options: parsed.step, params: sent, context: undefined }),
      launch: (step) => lanes.launch(step),
      end: (step, error) => lanes.end(step, error),
      ended: (life, step, outcome) => {
        if (step?.home !== undefined) lanes.left(step.home);
        main.hostEnded(life, outcome);
      },
    });
  }

  #entries(action: unknown): CoroutineEntries | { readonly error: HeddleError } {
    try {
      return this.#host.actions.coroutine(action);
    } catch (error) {
      if (error instanceof HeddleError) return { error };
      throw error;
    }
  }

  /** Why nothing of it can begin, if so. */
  #refusal({ action }: ActionEntry, { timeoutMs }: Pick<ParsedTaskOptions, 'timeoutMs'>): Failure | undefined {
    if (timeoutMs === 0) return fail(timeoutError(action.name, 0));
    return this.#host.lanes.stuck ? fail(overloadedError(STUCK)) : undefined;
  }

  #excess(): Failure | undefined {
    const { limit } = this.#host;
    if (this.#open <= limit) return undefined;
    return fail(
      new HeddleError('limit_exceeded', `There are ${limit} coroutines already (\`stateful.limit\`)`, {
        details: { limit },
        retryable: true,
      }),
    );
  }

  /** How many live on a lane. */
  residentsOn(lane: SchedulerLane<Task>): number {
    return this.#residents.get(lane)?.size ?? 0;
  }

  /** It lives on this lane from now on. */
  #settled(run: CoroutineRun, lane: SchedulerLane<Task>): void {
    const runs = this.#residents.get(lane) ?? new Set();
    this.#residents.set(lane, runs.add(run));
  }

  #left(run: CoroutineRun, lane: SchedulerLane<Task> | undefined): void {
    if (lane === undefined) return;
    const runs = this.#residents.get(lane);
    runs?.delete(run);
    if (runs?.size === 0) this.#residents.delete(lane);
    this.#host.lanes.left(lane);
  }

  /** What was suspended there is gone; what computed there is told by its own step. */
  #laneClosed(lane: SchedulerLane<Task>): void {
    const runs = this.#residents.get(lane);
    this.#residents.delete(lane);
    for (const run of runs ?? []) run.laneLost(homeLostError(run.life.entry.action.name));
  }

  #closedError(run: CoroutineRun): HeddleError {
    return cancelledError(run.life.entry.action.name, `runtime ${this.#host.name} was closed`);
  }

  /** Nothing may be suspended from now on: what is ends at once, what computes when it stops. */
  close(graceMs: number): void {
    this.#closing = true;
    // Not 0, which is no time to begin in.
    this.#cleanupMs = Math.max(1, graceMs, this.#host.graceMs);
    for (const run of [...this.#residents.values()].flatMap((runs) => [...runs]))
      if (run.state === 'suspended') run.end(this.#closedError(run));
  }
}

/** Of what is no coroutine action. */
const NO_ENTRIES: CoroutineEntries = (() => {
  const entry = createResumeEntry('(invalid)');
  return Object.freeze({ coroutine: entry, resume: entry, stream: entry, resumes: undefined });
})();
