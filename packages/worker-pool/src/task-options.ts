import type { HeddleError as Fault } from '@heddle/core';
import { countFaults, durationFaults, kindOf } from '@heddle/core/engine';
import { optionsError, signalFaults } from './option-faults.ts';
import { isPlainObject } from './plain-object.ts';

/** The caller's context: a plain, cloneable object, taken by reference until the task settles. */
export type Context = Readonly<Record<string, unknown>>;

/** What one call may ask for. Durations in milliseconds; `Infinity` = no limit. Source: SEMANTICS R-3. */
export interface TaskOptions {
  /** For one attempt, from when it begins on a thread: time spent queued does not count. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** For the whole task: waiting, every attempt and the backoffs between them. @defaultValue Infinity */
  readonly totalTimeoutMs?: number;
  /** How long it may wait for a thread, before each attempt. @defaultValue Infinity */
  readonly queueTimeoutMs?: number;
  /** When it must be done: milliseconds since the epoch. @defaultValue Infinity */
  readonly deadline?: number;
  /** How often to try again after a failure: at most `maxRetries + 1` attempts. @defaultValue 1 */
  readonly maxRetries?: number;
  /** Before the first retry; doubles with each, up to 30 000. @defaultValue 1000 */
  readonly backoffMs?: number;
  /** Waits a random time between half the backoff and all of it, so that tasks that failed together do not come back together. @defaultValue false */
  readonly jitter?: boolean;
  /** Whether to try again after this error; `attempt` is the one that failed, from 1. @defaultValue what the error's `retryable` says */
  readonly retryIf?: (error: Fault, attempt: number) => boolean;
  /** Cancels the task when it aborts. */
  readonly signal?: AbortSignal;
  /** Higher goes first; equal goes in order. Any finite number. @defaultValue 0 */
  readonly priority?: number;
  /** A name of your own for the ref, logs and errors. */
  readonly tag?: string;
  /**
   * Who it is done for: a customer, say. Counts in that tenant's limits and takes its share of the lanes, where the runtime has `tenants`;
   * what it starts in turn belongs to the same. @defaultValue that of the scope, if any
   */
  readonly tenant?: string;
  /**
   * `silent`: the task is in no telemetry event, and the runtime writes no log record about it. What the action itself writes by `ctx.log`,
   * `onEvent` and outcomes stay. @defaultValue 'full'
   */
  readonly telemetry?: 'full' | 'silent';
  /**
   * What to move to the thread instead of copying. The task is never sent ahead, and never retried after it was sent.
   */
  readonly transfer?: readonly Transferable[];
  /** Called with each `ctx.progress(details)`, in order, before the outcome. What it throws is reported as an event. */
  readonly onProgress?: (details: unknown) => void;
  /** How a failed task is compensated, above its action's own `compensation`. Source: SEMANTICS R-7. */
  readonly compensation?: CompensationLimits;
  /** Runs it on a fresh thread, alone, which ends with it. Costs a thread's start, a few dozen milliseconds. @defaultValue false */
  readonly isolate?: boolean;
  /**
   * Whether the task ends with the scope that starts it. `false`: it goes on when the scope is disposed, and then belongs to the runtime.
   * Without a scope it changes nothing. Source: SEMANTICS E-5. @defaultValue true
   */
  readonly link?: boolean;
  /** The named instance of the runtime that runs it: `runtime.instance`. Source: SEMANTICS R-11. @defaultValue the runtime itself */
  readonly instance?: string;
}

/** The limits of one compensation. */
export interface CompensationLimits {
  /** Milliseconds for one try. */
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
}

/** What `transfer` may hold. */
export type Transferable =
  | ArrayBuffer
  | import('node:worker_threads').MessagePort
  | import('node:stream/web').ReadableStream
  | import('node:stream/web').WritableStream
  | import('node:stream/web').TransformStream;

/** A runtime's own defaults, above an action's `defaults` and below a call's options. */
export type TaskDefaults = Pick<
  TaskOptions,
  'timeoutMs' | 'totalTimeoutMs' | 'queueTimeoutMs' | 'maxRetries' | 'backoffMs' | 'jitter' | 'retryIf' | 'priority' | 'telemetry'
>;

/** The options of a call, complete. One shared object serves all calls that give none. */
export interface ParsedTaskOptions {
  readonly timeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly deadline: number;
  readonly maxRetries: number;
  readonly backoffMs: number;
  readonly jitter: boolean;
  readonly retryIf: ((error: Fault, attempt: number) => boolean) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly priority: number;
  readonly tag: string | undefined;
  readonly tenant: string | undefined;
  readonly telemetry: 'full' | 'silent';
  readonly transfer: readonly Transferable[] | undefined;
  readonly onProgress: ((details: unknown) => void) | undefined;
  readonly compensation: CompensationLimits | undefined;
  readonly isolate: boolean;
  /** The deadline is what the task that started this one had left. */
  readonly deadlineInherited?: boolean;
  readonly link: boolean;
  readonly instance: string | undefined;
}

const DEFAULT_KEYS: ReadonlySet<string> = new Set([
  'timeoutMs',
  'totalTimeoutMs',
  'queueTimeoutMs',
  'maxRetries',
  'backoffMs',
  'jitter',
  'retryIf',
  'priority',
  'telemetry',
]);
const KEYS: ReadonlySet<string> = new Set([
  ...DEFAULT_KEYS,
  'deadline',
  'signal',
  'tag',
  'tenant',
  'transfer',
  'onProgress',
  'compensation',
  'isolate',
  'link',
  'instance',
]);

/** Jido's defaults. */
export const DEFAULT_TASK_OPTIONS: ParsedTaskOptions = Object.freeze({
  timeoutMs: 5000,
  totalTimeoutMs: Number.POSITIVE_INFINITY,
  queueTimeoutMs: Number.POSITIVE_INFINITY,
  deadline: Number.POSITIVE_INFINITY,
  maxRetries: 1,
  backoffMs: 1000,
  jitter: false,
  retryIf: undefined,
  signal: undefined,
  priority: 0,
  tag: undefined,
  tenant: undefined,
  telemetry: 'full',
  transfer: undefined,
  onProgress: undefined,
  compensation: undefined,
  isolate: false,
  link: true,
  instance: undefined,
});

/**
 * Completes the options of one call: call over base.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseTaskOptions(options: unknown, base: ParsedTaskOptions): ParsedTaskOptions {
  if (options === undefined) return base;
  const faults = taskOptionFaults(options, '', KEYS);
  if (faults.length > 0) throw optionsError(faults);
  return { ...base, ...definedOf(options as TaskOptions) };
}

/** The faults of a `defaults` object, each naming its option. */
export function taskDefaultFaults(defaults: unknown): string[] {
  return defaults === undefined ? [] : taskOptionFaults(defaults, 'defaults.', DEFAULT_KEYS);
}

/** Options that are there but `undefined` mean "not given", so that `{ timeoutMs: maybe }` keeps the default. */
export function definedOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function taskOptionFaults(options: unknown, prefix: string, keys: ReadonlySet<string>): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return [`expected an object, got ${kindOf(options)}`];
  const given = options as Readonly<Record<string, unknown>>;
  const { signal, priority, tag, tenant, transfer, instance } = given;
  const faults = [
    ...durationFaults(`${prefix}timeoutMs`, given['timeoutMs']),
    ...durationFaults(`${prefix}totalTimeoutMs`, given['totalTimeoutMs']),
    ...durationFaults(`${prefix}queueTimeoutMs`, given['queueTimeoutMs']),
    ...durationFaults(`${prefix}deadline`, given['deadline']),
    ...countFaults(`${prefix}maxRetries`, given['maxRetries']),
    ...durationFaults(`${prefix}backoffMs`, given['backoffMs']),
    ...functionFaults(`${prefix}retryIf`, given['retryIf']),
    ...functionFaults(`${prefix}onProgress`, given['onProgress']),
    ...compensationFaults(`${prefix}compensation`, given['compensation']),
    ...booleanFaults(`${prefix}jitter`, given['jitter']),
    ...booleanFaults(`${prefix}isolate`, given['isolate']),
    ...booleanFaults(`${prefix}link`, given['link']),
    ...signalFaults(`${prefix}signal`, signal),
  ];
  if (instance !== undefined && (typeof instance !== 'string' || instance === ''))
    faults.push(`\`${prefix}instance\` must be the name of an instance; got ${kindOf(instance)}`);
  if (priority !== undefined && !Number.isFinite(priority))
    faults.push(`\`${prefix}priority\` must be a finite number; got ${kindOf(priority)}`);
  if (given['telemetry'] !== undefined && given['telemetry'] !== 'full' && given['telemetry'] !== 'silent')
    faults.push(
      `\`${prefix}telemetry\` must be 'full' or 'silent'; got ${typeof given['telemetry'] === 'string' ? JSON.stringify(given['telemetry']) : kindOf(given['telemetry'])}`,
    );
  if (tenant !== undefined) faults.push(...tenantFaults(`${prefix}tenant`, tenant));
  if (tag !== undefined && typeof tag !== 'string') faults.push(`\`${prefix}tag\` must be a string; got ${kindOf(tag)}`);
  if (transfer !== undefined && !Array.isArray(transfer)) faults.push(`\`${prefix}transfer\` must be an array; got ${kindOf(transfer)}`);
  for (const key of Object.keys(given)) if (!keys.has(key)) faults.push(`\`${prefix}${key}\` is not an option`);
  return faults;
}

/** The faults of what names a tenant. */
export function tenantFaults(name: string, tenant: unknown): string[] {
  if (tenant === undefined || (typeof tenant === 'string' && tenant !== '')) return [];
  return [`\`${name}\` must be a string that is not empty; got ${tenant === '' ? 'an empty one' : kindOf(tenant)}`];
}

function functionFaults(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'function' ? [] : [`\`${name}\` must be a function; got ${kindOf(value)}`];
}

function booleanFaults(name: string, value: unknown): string[] {
  return value === undefined || typeof value === 'boolean' ? [] : [`\`${name}\` must be a boolean; got ${kindOf(value)}`];
}

function compensationFaults(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!isPlainObject(value)) return [`\`${name}\` must be an object; got ${kindOf(value)}`];
  const { timeoutMs, maxRetries, ...rest } = value;
  const unknown = Object.keys(rest).map((key) => `\`${name}.${key}\` is not an option`);
  return [...durationFaults(`${name}.timeoutMs`, timeoutMs), ...countFaults(`${name}.maxRetries`, maxRetries), ...unknown];
}
