import { type CoroutineState, fail, HeddleError, type Outcome, ok, type Step, type TerminalStep } from '@heddle/core';
import type { ActionEntry } from '../action-table.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Hosted, Standing } from '../explain/standing.ts';
import { encodeError } from '../protocol/codec.ts';
import { STEP_NEXT, STEP_RETURN, STEP_THROW, type StepInput, StepMark, type ThrownInput } from '../protocol/step.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { stepTask } from '../stateful/step-task.ts';
import type { Task } from '../task.ts';
import { forcedError } from '../task-error.ts';
import type { ParsedTaskOptions } from '../task-options.ts';
import type { ParsedCoroutineOptions } from './coroutine-options.ts';
import { isTerminal, stepOf } from './step-of.ts';

/** What a coroutine asks of those who carry it. */
export interface CoroutinePorts {
  readonly clock: Clock;
  /** Sends a step out. */
  launch(step: Task): void;
  /** Ends a step before its time. */
  end(step: Task, error: HeddleError): void;
  /** It lives on this lane from now on. */
  settled(run: CoroutineRun, lane: SchedulerLane<Task>): void;
  /** Why nothing lives on a lane any more, if so. */
  lost(run: CoroutineRun, lane: SchedulerLane<Task> | undefined): HeddleError | undefined;
  /** It has ended: `lane` is where it lived. */
  ended(run: CoroutineRun, lane: SchedulerLane<Task> | undefined, outcome: Outcome): void;
  /** Why nothing may stay suspended any more, if so. */
  closing(run: CoroutineRun): HeddleError | undefined;
  /** Milliseconds that a cleanup may take, whatever a step may. */
  readonly cleanupMs: number;
  guard(callback: string, task: Task, call: () => void): void;
}

/** Who is given a step. */
export interface Asker {
  give(step: Step): void;
}

/**
 * One coroutine as the host knows it.
 *
 * ```
 *  queued ──▶ computing ──── yield ───▶ suspended
 *    │            ▲ │                    │  │
 *    │            └─│──── resume ────────┘  │
 *    │              │                       │
 *    └── cancel ──┬─┴── cancel, time limit ─┘
 *                 ▼
 *             cancelling (asked to end, or cleaning up) ──▶ settled ◀── return, throw, lost lane, from anywhere
 * ```
 *
 * Guarantees: one terminal step, the last; a step goes to exactly one of its asker, `onStep` and the next `next`, the terminal one to
 * `onStep` as well. Source: SEMANTICS C-1 … C-6.
 */
export class CoroutineRun implements Hosted {
  /** Stands for it where the runtime counts, owns, awaits and cancels tasks. */
  readonly life: Task;
  readonly #ports: CoroutinePorts;
  /** Stands for the action in every step but the first. */
  readonly #resume: ActionEntry;
  readonly #options: ParsedCoroutineOptions;
  readonly #stepOptions: ParsedTaskOptions;
  #state: CoroutineState = 'queued';
  #seq = 0;
  /** While it computes. */
  #step: Task | undefined;
  #lane: SchedulerLane<Task> | undefined;
  /** Why it is to end, once somebody has asked. */
  #ending: HeddleError | undefined;
  #suspended: Timer | undefined;
  // Invariant: at most one of the two is there; a step is undelivered only where nobody listens.
  #asker: Asker | undefined;
  #undelivered: Step | undefined;
  /** A wait timed out: the step it waited for is kept, whoever listens. */
  #keep = false;
  #last: TerminalStep | undefined;
  /** When its last step was over. */
  #stoppedMs: number | undefined;

  constructor(life: Task, resume: ActionEntry, options: ParsedCoroutineOptions, ports: CoroutinePorts) {
    this.life = life;
    this.#resume = resume;
    this.#options = options;
    this.#ports = ports;
    const unlimited = Number.POSITIVE_INFINITY;
    // The whole is watched by its life; a step has its own limit alone.
    this.#stepOptions = {
      ...life.options,
      timeoutMs: options.timeoutMs,
      totalTimeoutMs: unlimited,
      deadline: unlimited,
      signal: undefined,
    };
  }

  get state(): CoroutineState {
    const { lane, phase } = this.#step ?? {};
    if (this.#state !== 'computing' || this.#step === undefined) return this.#state;
    return phase === 'queued' || lane?.state(this.#step) === 'sent' ? 'queued' : 'computing';
  }

  standing(): Standing {
    const state = this.#state;
    const suspended = state === 'suspended';
    const waits = this.#undelivered === undefined ? 'nobody has resumed it' : 'nobody has asked for what it yielded';
    return {
      kind: 'coroutine',
      state: state === 'cancelling' || state === 'suspended' ? state : 'active',
      step: this.#step,
      reason: suspended ? `it stands at a yield, and ${waits}` : 'it runs to its next yield',
      stoppedMs: this.#stoppedMs,
      restLimitMs: this.#options.suspendTimeoutMs,
      ending: this.#ending,
      parent: undefined,
      children: [],
    };
  }

  get last(): TerminalStep | undefined {
    return this.#last;
  }

  /** Whether a step waits for somebody to ask for it. */
  get hasUndelivered(): boolean {
    return this.#undelivered !== undefined;
  }

  get hasAsker(): boolean {
    return this.#asker !== undefined;
  }

  begin(entry: ActionEntry, params: unknown, context: unknown): void {
    if (this.#ending === undefined) this.#send(entry, params, context);
  }

  /** It is not begun at all: what was given is at fault, or there are too many. */
  refuse(outcome: Outcome): void {
    this.#finish(outcome);
  }

  /** The step that nobody has been given yet; it is given now. */
  take(): Step | undefined {
    const step = this.#undelivered;
    this.#undelivered = undefined;
    return step;
  }

  /** The next step goes to this one. */
  ask(asker: Asker): void {
    this.#asker = asker;
  }

  /** Nobody waits any longer: the step is kept for whoever asks next. */
  withdraw(asker: Asker): void {
    if (this.#asker !== asker) return;
    this.#asker = undefined;
    this.#keep = true;
  }

  /** Only while suspended. */
  resume(value: unknown): void {
    this.#forget();
    this.#continue([STEP_NEXT, value]);
  }

  /** Only while suspended. */
  throwIn(thrown: ThrownInput): void {
    this.#forget();
    this.#continue([STEP_THROW, thrown]);
  }

  /** Whoever resumes it knows of the step before. */
  #forget(): void {
    this.#undelivered = undefined;
    this.#keep = false;
  }

  #continue(input: StepInput): void {
    this.#suspended?.cancel();
    this.#suspended = undefined;
    this.#send(this.#resume, input, undefined);
  }

  #send(entry: ActionEntry, params: unknown, context: unknown, options: ParsedTaskOptions = this.#stepOptions): void {
    const { life } = this;
    const step = stepTask(life, { entry, options, params, context });
    step.home = this.#lane;
    this.#step = step;
    this.#state = this.#ending === undefined ? 'computing' : 'cancelling';
    step.addWaiter((outcome) => this.#stopped(step, outcome));
    this.#ports.launch(step);
  }

  /** Somebody asks for its end; the first who does is heard. */
  end(error: HeddleError): void {
    if (this.#last !== undefined || this.#ending !== undefined) return;
    this.#ending = error;
    const suspended = this.#state === 'suspended';
    this.#state = 'cancelling';
    if (suspended) this.#cleanUp(error);
    else if (this.#step !== undefined) this.#ports.end(this.#step, error);
    // Nothing of it was sent yet, and whoever starts it has no handle yet to be told of.
    else queueMicrotask(() => this.#finish(fail(error)));
  }

  #cleanUp({ type, message }: HeddleError): void {
    this.#suspended?.cancel();
    this.#suspended = undefined;
    const input: StepInput = [STEP_RETURN, type === 'timeout' ? 'timeout' : 'cancelled', message];
    const timeoutMs = Math.min(this.#stepOptions.timeoutMs, this.#ports.cleanupMs);
    this.#send(this.#resume, input, undefined, { ...this.#stepOptions, timeoutMs });
  }

  /** The lane where it lives is gone. What computes there is told by its step. */
  laneLost(error: HeddleError): void {
    if (this.#state === 'suspended') this.#finish(fail(this.#ending ?? error));
  }

  #stopped(step: Task, outcome: Outcome): void {
    const { life } = this;
    life.threadId = step.threadId;
    this.#stoppedMs = step.notedMs;
    if (step.attempts > 0) life.attempts = 1;
    life.trace?.stepped(step.durationUs ?? 0, step.threadId);
    this.#step = undefined;
    if (this.#lane === undefined && step.home !== undefined) {
      this.#lane = step.home;
      this.#ports.settled(this, step.home);
    }
    if (isAtYield(step, outcome)) this.#standsAtYield(outcome);
    else this.#finish(this.#endingOutcome(outcome));
  }

  /** In its thread the generator stands at a `yield`, whatever became of the step. */
  #standsAtYield(outcome: Outcome): void {
    const lost = this.#ports.lost(this, this.#lane);
    if (lost !== undefined) {
      this.#finish(fail(this.#ending ?? lost));
      return;
    }
    const faulty = outcome.ok || outcome.error.type !== 'uncloneable' ? undefined : outcome.error;
    // It was asked to end just as it yielded, or before its resume had begun.
    this.#ending ??= outcome.ok || faulty !== undefined ? this.#ports.closing(this) : outcome.error;
    if (this.#ending !== undefined) {
      this.#state = 'cancelling';
      this.#cleanUp(this.#ending);
    } else if (faulty === undefined) this.#suspend(outcome);
    // What did not clone is an error where it was yielded, or where it was to arrive.
    else this.#continue([STEP_THROW, { error: encodeError(faulty) }]);
  }

  /** Whoever asked for the end is answered with it, however it came: heeded, out of time, by force, with the thread. */
  #endingOutcome(outcome: Outcome): Outcome {
    const ending = this.#ending;
    if (ending === undefined || outcome.ok || !ENDINGS.has(outcome.error.type)) return outcome;
    const { forced, zombie } = outcome.error.details;
    return fail(forced === true ? forcedError(ending, zombie === true) : ending, outcome.directive);
  }

  #suspend(outcome: Outcome): void {
    this.#state = 'suspended';
    const { suspendTimeoutMs } = this.#options;
    if (suspendTimeoutMs !== Number.POSITIVE_INFINITY)
      this.#suspended = this.#ports.clock.after(suspendTimeoutMs, () => this.end(this.#idleError()), true);
    this.#deliver(stepOf(outcome, this.life.options.tag, ++this.#seq, undefined));
  }

  #idleError(): HeddleError {
    const { suspendTimeoutMs } = this.#options;
    const message = `Action ${this.life.entry.action.name} was suspended for ${suspendTimeoutMs}ms, and nobody resumed it; raise \`suspendTimeoutMs\` if it may wait longer`;
    return new HeddleError('timeout', message, { details: { suspendTimeoutMs, clock: 'suspend' } });
  }

  #finish(outcome: Outcome): void {
    if (this.#last !== undefined) return;
    this.#suspended?.cancel();
    const step = stepOf(outcome, this.life.options.tag, ++this.#seq, this.#ending);
    if (!isTerminal(step)) return;
    this.#state = 'settled';
    this.#last = step;
    this.#ports.ended(this, this.#lane, outcomeOf(step, outcome));
    this.#deliver(step);
  }

  #deliver(step: Step): void {
    this.life.trace?.stepTaken(step);
    const asker = this.#asker;
    const { onStep } = this.#options;
    const kept = this.#keep;
    this.#asker = undefined;
    this.#keep = false;
    const listens = onStep !== undefined && (isTerminal(step) || (asker === undefined && !kept));
    if (asker === undefined && (!listens || kept)) this.#undelivered = step;
    asker?.give(step);
    if (listens) this.#ports.guard('onStep', this.life, () => onStep(step));
  }
}

/** What a step ends with that was ended. */
const ENDINGS: ReadonlySet<string> = new Set(['cancelled', 'timeout', 'worker_lost']);

/** Whether the generator stands at a `yield` after a step: it came to one, or the step that was to resume it has not begun. */
function isAtYield(step: Task, { directive }: Outcome): boolean {
  if (directive instanceof StepMark && (directive.kind === 'suspended' || directive.kind === 'unsent')) return true;
  return step.entry.role === 'resume' && step.attempts === 0;
}

/** How the whole ended, as an outcome tells it. */
function outcomeOf(step: TerminalStep, outcome: Outcome): Outcome {
  const directive = outcome.directive instanceof StepMark ? undefined : outcome.directive;
  switch (step.kind) {
    case 'completed':
      return ok(step.value, step.directive);
    case 'thrown':
      return fail(step.fault, directive);
    case 'cancelled':
      return outcome.ok ? fail(new HeddleError('cancelled', step.reason)) : fail(outcome.error, directive);
  }
}
