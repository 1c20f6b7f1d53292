import { fileURLToPath } from 'node:url';
import { type Action, type ActionMetadata, type CoroutineAction, HeddleError, isAction } from '@heddle/core';
import { type AttemptPlan, metadataOf, planAttempt } from '@heddle/core/engine';
import { importModule } from '../import-module.ts';
import { isErrorLike } from '../protocol/codec.ts';
import type { ActionRole } from '../protocol/input.ts';
import { planCompensation } from './compensate.ts';
import { StreamPump } from './stream-pump.ts';
import { TaskContext } from './task-context.ts';

/** An action ready to run on this lane. */
export interface LoadedAction {
  /** Made once: every attempt's context shows it. */
  readonly metadata: ActionMetadata;
  readonly plan: AttemptPlan;
}

/**
 * Imports an action's file and makes the action ready.
 *
 * @throws HeddleError `load_error` naming the file, its exports and the cause
 */
export async function loadAction(module: string, name: string, role: ActionRole): Promise<LoadedAction> {
  const action = await importAction(module, name);
  if (role === 'compensate') return { metadata: metadataOf(action), plan: planCompensation(action) };
  // Loaded only where a schema asks for it: it costs more than everything else on this thread.
  const compile =
    action.schema === undefined && action.outputSchema === undefined
      ? undefined
      : (await import('@heddle/core/validation')).createValidator;
  const params = action.schema === undefined ? undefined : compile?.(action.schema);
  const output = action.outputSchema === undefined ? undefined : compile?.(action.outputSchema);
  const run = role === 'stream' ? readerOf(action) : runOf(action);
  return { metadata: metadataOf(action), plan: planAttempt({ ...action, run }, params, output) };
}

/** A generator read to its end: what it yields goes out as its reader allows, and what it returns is the value. */
function readerOf(action: Action | CoroutineAction): AttemptPlan['run'] {
  return (params, ctx) => {
    if (!(ctx instanceof TaskContext)) throw new HeddleError('internal_error', 'A stream was begun without a lane');
    // The host sends coroutine actions alone here, and `run` of those is a generator function.
    return new StreamPump(action.run(params, ctx) as Generator, ctx).run();
  };
}

/** What stands for the action where a coroutine is resumed: it has its own. */
export const RESUME: LoadedAction = Object.freeze({
  metadata: Object.freeze({ name: 'resume', module: '', tags: [] }),
  plan: planAttempt({ name: 'resume', run: () => undefined, hooks: {} }, undefined, undefined),
});

/** An action that is compensated says when `run` itself begins: what never ran needs nothing made good. Others pay nothing for it. */
function runOf(action: Action | CoroutineAction): AttemptPlan['run'] {
  if (!action.compensation.enabled || action.hooks.onError === undefined) return action.run;
  return (params, ctx) => {
    if (ctx instanceof TaskContext) TaskContext.ran(ctx);
    return action.run(params, ctx);
  };
}

/**
 * Imports an action's file and finds the action in it.
 *
 * @throws HeddleError `load_error` naming the file, its exports and the cause
 */
export async function importAction(module: string, name: string): Promise<Action | CoroutineAction> {
  const exports = await importExports(module, name);
  const action = findAction(exports, name);
  if (action === undefined) throw missingAction(module, name, exports);
  return action;
}

/** All actions among a module's exports, `default` included, by name. The first of a name wins. */
function actionsOf(exports: Readonly<Record<string, unknown>>): Map<string, Action | CoroutineAction> {
  const actions = new Map<string, Action | CoroutineAction>();
  for (const value of Object.values(exports)) {
    if (isAction(value) && !actions.has(value.name)) actions.set(value.name, value);
  }
  return actions;
}

function findAction(exports: Readonly<Record<string, unknown>>, name: string): Action | CoroutineAction | undefined {
  return actionsOf(exports).get(name);
}

/** What a module exports.
 *
 * @throws HeddleError `load_error`
 */
export async function importExports(module: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importModule(module);
  } catch (cause) {
    throw loadError(module, name, cause);
  }
}

/** The error of a file that does not load. Its hint names what to do where the cause is a common slip. */
export function loadError(module: string, name: string | undefined, cause: unknown): HeddleError {
  const reason = isMissing(module, cause) ? 'there is no such file' : messageOf(cause);
  const who = name === undefined ? `Module ${module}` : `Action ${name}: its module ${module}`;
  return new HeddleError('load_error', `${who} does not load: ${reason}${hintOf(module, cause)}`, {
    cause,
    details: { module, ...(name === undefined ? {} : { action: name }) },
  });
}

function missingAction(module: string, name: string, exports: Readonly<Record<string, unknown>>): HeddleError {
  const names = Object.keys(exports);
  const actions = [...actionsOf(exports).keys()];
  const has = names.length === 0 ? 'nothing' : names.map((key) => `\`${key}\``).join(', ');
  const message = `Action ${name} is not among the exports of ${module}, which exports ${has}; write \`export const ${name} = defineAction({ … })\` there, and \`module: import.meta.url\` in it`;
  return new HeddleError('load_error', message, { details: { module, action: name, exports: names, actions } });
}

function hintOf(module: string, cause: unknown): string {
  // Node keeps the line of a syntax error to itself.
  if (isErrorLike(cause) && cause instanceof SyntaxError && module.startsWith('file:'))
    return `; \`node --check ${fileURLToPath(module)}\` shows where`;
  if (read(cause, 'code') === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return '; this Node cannot import .ts by itself: make the action file itself .ts (Heddle loads it), compile it, or use Node 22.18 or newer';
  }
  if (read(cause, 'code') === 'ERR_ACCESS_DENIED')
    return '; the files of actions, and what they import, have to be in `permissions.fsRead` of the runtime';
  return '';
}

/** Whether the module itself is missing, rather than something it imports. */
function isMissing(module: string, cause: unknown): boolean {
  return isErrorLike(cause) && read(cause, 'code') === 'ERR_MODULE_NOT_FOUND' && read(cause, 'url') === module;
}

/** A property of what a module threw, which may be anything. */
function read(cause: unknown, key: 'code' | 'url'): unknown {
  try {
    return (cause as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function messageOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause);
  } catch {
    return 'it threw something that cannot be read';
  }
}
