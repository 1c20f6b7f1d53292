import {
  type AgentDefinition,
  type AgentLimits,
  type CallOptions,
  type CompletionOptions,
  HeddleError,
  type RestartLimit,
} from '@heddle/core';
import { agentLimitFaults, durationFaults, kindOf } from '@heddle/core/engine';
import { optionsError, signalFaults } from '../option-faults.ts';
import { isPlainObject } from '../plain-object.ts';
import type { WatchInput } from '../protocol/agent.ts';
import { type Context, DEFAULT_TASK_OPTIONS, type ParsedTaskOptions, parseTaskOptions, type TaskOptions } from '../task-options.ts';

/** What an agent may be told when it is started. */
export interface AgentOptions extends AgentLimits, Pick<TaskOptions, 'signal' | 'tag' | 'tenant' | 'link' | 'instance' | 'telemetry'> {
  /** Unique among the runtime's running agents. @defaultValue one of the runtime's own */
  readonly id?: string;
  /** What its handlers find as `ctx.context`. */
  readonly context?: Context;
}

/** The options, complete. */
export interface ParsedAgentOptions {
  readonly id: string | undefined;
  readonly context: unknown;
  /** Of the agent as a whole. */
  readonly life: ParsedTaskOptions;
  /** Of one turn. */
  readonly step: ParsedTaskOptions;
  readonly failurePolicy: 'stop' | 'continue' | 'restart';
  readonly restart: Required<RestartLimit>;
  readonly mailboxLimit: number;
}

const LIFE_KEYS: readonly string[] = ['signal', 'tag', 'tenant', 'link', 'instance', 'telemetry'];
const LIMIT_KEYS: readonly string[] = ['failurePolicy', 'restart', 'mailboxLimit', 'timeoutMs'];

/**
 * Checks the options of an agent.
 *
 * @throws HeddleError `invalid_input` naming every option at fault
 */
export function parseAgentOptions(options: unknown, definition: AgentDefinition): ParsedAgentOptions {
  const given = options ?? {};
  if (!isPlainObject(given)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(given)}`);
  const { id, context, ...rest } = given;
  const faults = agentLimitFaults(rest);
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    faults.push(`\`id\` must be a string that is not empty; got ${kindOf(id)}`);
  if (context !== undefined && !isPlainObject(context)) faults.push(`\`context\` must be a plain object; got ${kindOf(context)}`);
  for (const key of Object.keys(rest))
    if (!LIFE_KEYS.includes(key) && !LIMIT_KEYS.includes(key)) faults.push(`\`${key}\` is not an option of an agent`);
  throwFaults(faults);
  const limits = rest as AgentLimits; // checked above
  const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, queueTimeoutMs: Number.POSITIVE_INFINITY, maxRetries: 0 };
  const life = { ...parseTaskOptions(pick(rest, LIFE_KEYS), DEFAULT_TASK_OPTIONS), ...unlimited };
  return {
    id: id as string | undefined, // as above
    context,
    life,
    step: { ...life, timeoutMs: limits.timeoutMs ?? definition.timeoutMs, signal: undefined },
    failurePolicy: limits.failurePolicy ?? definition.failurePolicy,
    restart: { max: limits.restart?.max ?? definition.restart.max, withinMs: limits.restart?.withinMs ?? definition.restart.withinMs },
    mailboxLimit: limits.mailboxLimit ?? definition.mailboxLimit,
  };
}

function pick(given: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([key]) => keys.includes(key)));
}

/** A wait, complete. */
export interface ParsedWait {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws HeddleError `invalid_input` naming every option at fault */
export function parseCallOptions(options: number | CallOptions | undefined): ParsedWait {
  return parseWait(typeof options === 'number' ? { timeoutMs: options } : options, 5000);
}

/** @throws HeddleError `invalid_input` naming every option at fault */
export function parseWait(options: unknown, defaultMs: number): ParsedWait {
  const { timeoutMs, signal } = checkedWait(options, []);
  return { timeoutMs: timeoutMs ?? defaultMs, signal };
}

/** @throws HeddleError `invalid_input` naming every option at fault */
export function parseCompletionOptions(options: unknown): ParsedWait & { readonly paths: Omit<WatchInput, 'id'> } {
  const given = checkedWait(options, ['statusPath', 'resultPath', 'errorPath']);
  const { timeoutMs = 10_000, signal, statusPath = ['status'], resultPath = ['lastAnswer'], errorPath = ['error'] } = given;
  return { timeoutMs, signal, paths: { statusPath, resultPath, errorPath } };
}

function checkedWait(options: unknown, paths: readonly string[]): CompletionOptions {
  if (options === undefined) return {};
  if (!isPlainObject(options)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const { timeoutMs, signal, ...rest } = options;
  const faults = durationFaults('timeoutMs', timeoutMs);
  faults.push(...signalFaults('signal', signal));
  for (const [key, value] of Object.entries(rest)) {
    if (!paths.includes(key)) faults.push(`\`${key}\` is not an option`);
    else if (value !== undefined && !isPath(value)) faults.push(`\`${key}\` must be an array of keys; got ${kindOf(value)}`);
  }
  throwFaults(faults);
  return options as CompletionOptions; // every field was checked
}

/** Whether a value is a path into a state. */
export function isPath(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((key) => typeof key === 'string' || typeof key === 'number');
}

function throwFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw optionsError(faults);
}
