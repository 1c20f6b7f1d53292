import { HeddleError, type Step } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';
import { optionsError } from '../option-faults.ts';
import { isPlainObject } from '../plain-object.ts';
import { type ParsedTaskOptions, parseTaskOptions, type TaskOptions } from '../task-options.ts';

/** What a coroutine may be told beside its params. */
export interface CoroutineOptions<Y = unknown, V = unknown>
  extends Pick<TaskOptions, 'totalTimeoutMs' | 'deadline' | 'signal' | 'tag' | 'tenant' | 'link' | 'instance' | 'onProgress'> {
  /** Milliseconds for each stretch of computing, from resume to `yield`; time spent suspended does not count. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Milliseconds that it may stay suspended before it is ended, with a `timeout`. @defaultValue Infinity */
  readonly suspendTimeoutMs?: number;
  /** Given each step that nobody else asked for, and the last one always. What it throws is reported as an event. */
  readonly onStep?: (step: Step<Y, V>) => void;
}

/** The options, complete. */
export interface ParsedCoroutineOptions {
  /** Of the whole. */
  readonly task: ParsedTaskOptions;
  /** Of one step. */
  readonly timeoutMs: number;
  readonly suspendTimeoutMs: number;
  readonly onStep: ((step: Step) => void) | undefined;
}

const TASK_KEYS: ReadonlySet<string> = new Set([
  'totalTimeoutMs',
  'deadline',
  'signal',
  'tag',
  'tenant',
  'link',
  'instance',
  'onProgress',
  'timeoutMs',
]);

/**
 * Checks the options of a coroutine.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseCoroutineOptions(options: unknown, base: ParsedTaskOptions): ParsedCoroutineOptions {
  const given = options ?? {};
  if (!isPlainObject(given)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(given)}`);
  const { suspendTimeoutMs, onStep, ...rest } = given;
  const faults = [
    ...durationFaults('suspendTimeoutMs', suspendTimeoutMs),
    ...(onStep === undefined || typeof onStep === 'function' ? [] : [`\`onStep\` must be a function; got ${kindOf(onStep)}`]),
    ...Object.keys(rest)
      .filter((key) => !TASK_KEYS.has(key))
      .map((key) => `\`${key}\` is not an option of a coroutine`),
  ];
  if (faults.length > 0) throw optionsError(faults);
  const task = parseTaskOptions(rest, base);
  return {
    // The limit of a stretch is no limit of the whole, and nothing of it is tried again.
    task: { ...task, timeoutMs: Number.POSITIVE_INFINITY, queueTimeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 },
    timeoutMs: task.timeoutMs,
    suspendTimeoutMs: typeof suspendTimeoutMs === 'number' ? suspendTimeoutMs : Number.POSITIVE_INFINITY,
    onStep: onStep as ((step: Step) => void) | undefined, // checked above
  };
}
