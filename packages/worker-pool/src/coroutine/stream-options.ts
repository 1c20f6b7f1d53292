import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { optionsError } from '../option-faults.ts';
import { isPlainObject } from '../plain-object.ts';
import { type ParsedTaskOptions, parseTaskOptions, type TaskOptions } from '../task-options.ts';

/** What a stream may be told beside its params. */
export interface StreamOptions
  extends Pick<TaskOptions, 'totalTimeoutMs' | 'deadline' | 'signal' | 'tag' | 'tenant' | 'link' | 'instance' | 'onProgress'> {
  /** Values that may be on their way or waiting to be read: what a reader that stops costs at the most. @defaultValue 512 */
  readonly window?: number;
  /** Milliseconds for the whole, waiting for its reader included. @defaultValue Infinity */
  readonly timeoutMs?: number;
}

/** The options, complete. */
export interface ParsedStreamOptions {
  readonly window: number;
  /** Of the whole. */
  readonly task: ParsedTaskOptions;
  /** Of what runs in the thread. */
  readonly step: ParsedTaskOptions;
}

const DEFAULT_WINDOW = 512;
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
 * Checks the options of a stream.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseStreamOptions(options: unknown, base: ParsedTaskOptions): ParsedStreamOptions {
  const given = options ?? {};
  if (!isPlainObject(given)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(given)}`);
  const { window = DEFAULT_WINDOW, ...rest } = given;
  const faults = Object.keys(rest)
    .filter((key) => !TASK_KEYS.has(key))
    .map((key) => `\`${key}\` is not an option of a stream`);
  if (!Number.isInteger(window) || (window as number) < 1)
    faults.push(`\`window\` must be an integer ≥ 1; got ${typeof window === 'number' ? window : kindOf(window)}`);
  if (faults.length > 0) throw optionsError(faults);
  const unlimited = Number.POSITIVE_INFINITY;
  const task = parseTaskOptions(rest, { ...base, timeoutMs: unlimited, queueTimeoutMs: unlimited, maxRetries: 0 });
  const step = { ...task, totalTimeoutMs: unlimited, deadline: unlimited, signal: undefined };
  return { window: window as number, task: { ...task, timeoutMs: unlimited }, step }; // an integer, as checked
}
