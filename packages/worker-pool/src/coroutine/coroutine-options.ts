import type { Step } from '@heddle/core';
import { durationFaults, kindOf } from '@heddle/core/engine';
import { optionsError } from '../option-faults.ts';
import { type ParsedTaskOptions, parseTaskOptions } from '../task-options.ts';
import { type GeneratorOptions, givenOptions, strangeOptions } from './generator-options.ts';

/** What a coroutine may be told beside its params. */
export interface CoroutineOptions<Y = unknown, V = unknown> extends GeneratorOptions {
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

/**
 * Checks the options of a coroutine.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseCoroutineOptions(options: unknown, base: ParsedTaskOptions): ParsedCoroutineOptions {
  const { suspendTimeoutMs, onStep, ...rest } = givenOptions(options);
  const faults = [
    ...durationFaults('suspendTimeoutMs', suspendTimeoutMs),
    ...(onStep === undefined || typeof onStep === 'function' ? [] : [`\`onStep\` must be a function; got ${kindOf(onStep)}`]),
    ...strangeOptions(rest, 'a coroutine'),
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
