import {
  type AwaitOptions,
  type Coroutine,
  type CoroutineState,
  HeddleError,
  type NextOptions,
  type Outcome,
  type ResumeOptions,
  type Step,
  type TaskStatus,
  type TerminalStep,
} from '@heddle/core';
import { durationFaults, kindOf, validationError } from '@heddle/core/engine';
import type { Validator } from '@heddle/core/validation';
import { optionsError, signalFaults } from '../option-faults.ts';
import { encodeError } from '../protocol/codec.ts';
import { NOT_SMALL, snapshot } from '../protocol/snapshot.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';
import { waitAbortedError } from '../signal-hub.ts';
import { type RefHost, TaskRef } from '../task-ref.ts';
import type { Asker, CoroutineRun } from './coroutine-run.ts';
import { StepIterator } from './step-iterator.ts';
import { StepWait, type StepWaitParts } from './step-wait.ts';
import type { WaitLimits } from './wait-limits.ts';

const DEFAULT_NEXT_MS = 5000;

/** What a coroutine's handle is made with beside its run. */
export interface CoroutineRefParts {
  readonly limits: WaitLimits;
  /** Checks what resumes it; `undefined` = anything does. */
  readonly resumes: Validator | undefined;
  readonly guard: (callback: string, call: () => void) => void;
}

/** The handle of a coroutine: checks what it is asked, and asks the run. */
export class CoroutineRef extends TaskRef implements Coroutine {
  readonly #run: CoroutineRun;
  readonly #limits: WaitLimits;
  readonly #resumes: Validator | undefined;
  readonly #guard: (callback: string, call: () => void) => void;

  constructor(host: RefHost, run: CoroutineRun, { limits, resumes, guard }: CoroutineRefParts) {
    super(host, run.life);
    this.#run = run;
    this.#limits = limits;
    this.#resumes = resumes;
    this.#guard = guard;
  }

  get state(): CoroutineState {
    return this.#run.state;
  }

  override get status(): TaskStatus {
    const { state } = this.#run;
    return state === 'computing' ? 'running' : state;
  }

  resume(value: unknown, options?: ResumeOptions): void {
    const replyTo = this.#replyTo(options);
    this.#assertSuspended();
    const given = this.#checked(value);
    if (replyTo !== undefined) this.#run.ask(replyTo);
    this.#run.resume(given);
  }

  throwIn(error: unknown, options?: ResumeOptions): void {
    const replyTo = this.#replyTo(options);
    this.#assertSuspended();
    const thrown = isError(error) ? { error: encodeError(error) } : { value: error };
    if ('value' in thrown) this.#assertCloneable(error, 'error');
    this.#assertSuspended();
    if (replyTo !== undefined) this.#run.ask(replyTo);
    this.#run.throwIn(thrown);
  }

  #replyTo(options: ResumeOptions | undefined): Asker | undefined {
    const replyTo: unknown = options?.replyTo;
    if (replyTo === undefined) return undefined;
    if (typeof replyTo !== 'function')
      throw new HeddleError('invalid_input', `Invalid options: \`replyTo\` must be a function; got ${kindOf(replyTo)}`);
    return { give: (step) => this.#guard('replyTo', () => void replyTo(step)) };
  }

  #assertSuspended(): void {
    const { state } = this.#run;
    if (state === 'suspended') return;
    const why = state === 'settled' ? 'has ended' : state === 'cancelling' ? 'is being cancelled' : 'is computing';
    throw notSuspended(`Coroutine ${this.id} does not wait for a value: it ${why}`, state);
  }

  /** The value that resumes it, by the action's `resumeSchema`. */
  #checked(value: unknown): unknown {
    this.#assertCloneable(value, 'value');
    const checked = this.#resumes?.validate(value) ?? { ok: true, value };
    if (!checked.ok) throw validationError(this.action.name, 'value', checked.faults);
    // A getter in the value may have resumed it.
    this.#assertSuspended();
    return checked.value;
  }

  #assertCloneable(value: unknown, what: string): void {
    const plain = typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol';
    if (plain || value === null) return;
    // Small plain data is known to clone without being cloned: ten times cheaper (`bench coroutine`, a 200 B object).
    if (snapshot(value) === NOT_SMALL && !clones(value)) throw uncloneableError(this.action.name, what, value, undefined);
  }

  next(value?: unknown, options?: NextOptions): Promise<Step> {
    try {
      const { timeoutMs, signal } = parseNextOptions(options);
      return this.#next(value, timeoutMs, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #next(value: unknown, timeoutMs: number, signal: AbortSignal | undefined): Promise<Step> {
    const run = this.#run;
    const { state, last } = run;
    const waits = state === 'suspended' && !run.hasUndelivered;
    if (value !== undefined && !waits) {
      if (run.hasUndelivered)
        throw notSuspended(`Coroutine ${this.id} has a step that nobody has been given: ask for it without a value first`, state);
      this.#assertSuspended();
    }
    const kept = run.take();
    if (kept !== undefined) return Promise.resolve(kept);
    if (last !== undefined) return Promise.resolve(last);
    if (run.hasAsker) throw notSuspended(`Coroutine ${this.id} is computing, and somebody waits for its step already`, state);
    const given = waits ? this.#checked(value) : undefined;
    if (signal?.aborted === true) throw waitAbortedError(signal);
    // No time: nothing is begun, and only what is on its way can still come.
    if (waits && timeoutMs === 0) throw this.#lateError(0);
    const answer = this.#wait(timeoutMs, signal);
    if (waits) run.resume(given);
    return answer;
  }

  #lateError(timeoutMs: number): HeddleError {
    return new HeddleError('timeout', `Coroutine ${this.id} gave no step within ${timeoutMs}ms`, { details: { timeoutMs } });
  }

  #wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<Step> {
    const parts: StepWaitParts = { run: this.#run, id: this.id, limits: this.#limits, timeoutMs, signal };
    return new Promise((resolve, reject) => new StepWait(parts, resolve, reject).begin());
  }

  async stop(options: NextOptions & { readonly reason?: string } = {}): Promise<TerminalStep> {
    const { reason, ...rest } = options;
    const { timeoutMs, signal } = parseNextOptions(rest);
    const ended = this.cancel(reason);
    const outcome = this.outcome({ timeoutMs, onTimeout: 'leave', ...(signal === undefined ? {} : { signal }) });
    await Promise.race([ended, outcome]);
    const { last } = this.#run;
    if (last !== undefined) return last;
    const failed = await outcome;
    throw failed.ok ? new HeddleError('internal_error', 'A coroutine ended without a last step') : failed.error;
  }

  override outcome(options?: AwaitOptions): Promise<Outcome> {
    return super.outcome(options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Step, undefined> {
    return new StepIterator(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel('disposed');
  }
}

function parseNextOptions(options: unknown): { readonly timeoutMs: number; readonly signal: AbortSignal | undefined } {
  if (options === undefined) return { timeoutMs: DEFAULT_NEXT_MS, signal: undefined };
  if (typeof options !== 'object' || options === null)
    throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const { timeoutMs, signal, ...rest } = options as NextOptions; // every field is checked below
  const faults = durationFaults('timeoutMs', timeoutMs);
  faults.push(...signalFaults('signal', signal));
  for (const key of Object.keys(rest)) faults.push(`\`${key}\` is not an option`);
  if (faults.length > 0) throw optionsError(faults);
  return { timeoutMs: timeoutMs ?? DEFAULT_NEXT_MS, signal };
}

/** A proxy may not even say what it is. */
function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function notSuspended(message: string, state: CoroutineState): HeddleError {
  return new HeddleError('not_suspended', message, { details: { state } });
}
