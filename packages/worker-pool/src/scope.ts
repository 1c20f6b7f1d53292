import { kindOf } from '@heddle/core/engine';
import { optionsError, signalFaults } from './option-faults.ts';
import { isPlainObject } from './plain-object.ts';
import type { TaskOwner } from './runtime-interface.ts';
import { tenantFaults } from './task-options.ts';

/** What a scope is made with. */
export interface ScopeOptions {
  /** What its tasks have for `owner`; for errors. @defaultValue `scope-1`, `scope-2`, … */
  readonly name?: string;
  /** Disposes the scope when it aborts. */
  readonly signal?: AbortSignal;
  /** Whose the tasks are that it starts, where a call says nothing of its own. @defaultValue that of the scope it is opened in */
  readonly tenant?: string;
}

/**
 * Owns what it starts: tasks, maps, chains, plans, scopes. None of it outlives the scope, but for tasks with `link: false`.
 * Dispose it when done, or it stays known to what opened it. Source: SEMANTICS E-5.
 *
 * @example
 * ```ts
 * const scope = runtime.scope({ name: `request ${id}`, signal: request.signal })
 * try {
 *   return await answer(scope)
 * } finally {
 *   await scope.dispose()
 * }
 * ```
 */
export interface Scope extends TaskOwner {
  readonly disposed: boolean;
  /** Tasks that a `dispose` would end now: those that it and the scopes in it started, not settled, not exempt by `link: false`. */
  readonly open: number;
  /**
   * Starts nothing more, and cancels what is open: scopes in this one first, and of tasks the newest first. Settles when all of it has
   * settled; never rejects. Idempotent: the first reason holds.
   */
  dispose(reason?: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const KEYS: ReadonlySet<string> = new Set(['name', 'signal', 'tenant']);

/**
 * Checks the options of a scope.
 *
 * @throws HeddleError `invalid_input`, every fault at once
 */
export function parseScopeOptions(options: unknown = {}): ScopeOptions {
  const faults = scopeOptionFaults(options);
  if (faults.length > 0) throw optionsError(faults, 'scope options');
  return options as ScopeOptions; // without a fault
}

function scopeOptionFaults(options: unknown): string[] {
  if (!isPlainObject(options)) return [`expected an object, got ${kindOf(options)}`];
  const { name, signal, tenant } = options;
  const faults = Object.keys(options)
    .filter((key) => !KEYS.has(key))
    .map((key) => `\`${key}\` is not an option`);
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    faults.push(`\`name\` must be a string that is not empty; got ${kindOf(name)}`);
  faults.push(...signalFaults('signal', signal), ...tenantFaults('tenant', tenant));
  return faults;
}
