import { type Action, type CoroutineAction, HeddleError, isAction } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { createValidator, type Validator } from '@heddle/core/validation';
import { createResumeEntry } from './coroutine/resume-entry.ts';
import { takesObject } from './input-fault.ts';
import type { ActionRole } from './protocol/input.ts';
import { Estimate } from './scheduler/estimate.ts';
import { DEFAULT_TASK_OPTIONS, definedOf, type ParsedTaskOptions, type TaskDefaults } from './task-options.ts';
import { importAction } from './worker/load-action.ts';

/** What one runtime keeps of one action. */
export interface ActionEntry {
  readonly action: Action | CoroutineAction;
  /** Compiled at the first run, so that importing many actions costs nothing. */
  readonly params: Validator | undefined;
  /** Whether the schema, if any, asks for an object: then only plain objects are params. */
  readonly objectParams: boolean;
  /** The runtime's defaults under the action's own. */
  readonly options: ParsedTaskOptions;
  readonly estimate: Estimate;
  readonly role: ActionRole;
  /** How its failed tasks are made good; only where it is enabled and there is an `onError`. */
  readonly compensation: ActionEntry | undefined;
}

/** What one runtime keeps of one coroutine action. */
export interface CoroutineEntries {
  /** Of a first step. */
  readonly coroutine: ActionEntry;
  /** Of every later one. */
  readonly resume: ActionEntry;
  readonly stream: ActionEntry;
  /** Checks what resumes it; `undefined` = anything does. */
  readonly resumes: Validator | undefined;
}

/** The actions that a runtime has met. */
export class ActionTable {
  readonly #entries = new Map<unknown, ActionEntry>();
  readonly #coroutines = new Map<unknown, CoroutineEntries>();
  // The newest of its name, where a file was imported twice.
  readonly #byModule = new Map<string, ActionEntry>();
  readonly #base: ParsedTaskOptions;

  constructor(defaults: TaskDefaults) {
    this.#base = Object.freeze({ ...DEFAULT_TASK_OPTIONS, ...definedOf(defaults) });
  }

  /**
   * The entry of a plain action.
   *
   * @throws HeddleError `invalid_action` for anything that `run`, `start` and `map` cannot run, saying why
   */
  entry(action: unknown): ActionEntry {
    return this.#entries.get(action) ?? this.#add(action);
  }

  #add(action: unknown): ActionEntry {
    if (!isAction(action)) throw invalidAction(action);
    if (action.kind === 'coroutine') {
      const message = `Action ${action.name} is a coroutine (its \`run\` is a generator): use \`runtime.coroutine\` to resume it step by step, or \`runtime.stream\` to read its values`;
      throw new HeddleError('invalid_action', message, { details: { action: action.name } });
    }
    const entry = this.#newEntry(action, 'run');
    this.#entries.set(action, entry);
    this.#byModule.set(moduleKey(action.module, action.name), entry);
    return entry;
  }

  #newEntry(action: Action | CoroutineAction, role: ActionRole): ActionEntry {
    return {
      action,
      params: action.schema === undefined || action.hooks.onBeforeValidateParams !== undefined ? undefined : createValidator(action.schema),
      objectParams: takesObject(action.schema),
      // Precedence: call > action > runtime (SEMANTICS A-1: an action's defaults lie below every call's own options).
      options: Object.freeze({ ...this.#base, ...definedOf(action.defaults) }),
      estimate: new Estimate(),
      role,
      compensation: role === 'run' ? this.#compensation(action) : undefined,
    };
  }

  /**
   * The entries of a coroutine action.
   *
   * @throws HeddleError `invalid_action` for anything else, saying why
   */
  coroutine(action: unknown): CoroutineEntries {
    const known = this.#coroutines.get(action);
    if (known !== undefined) return known;
    if (!isAction(action)) throw invalidAction(action);
    if (action.kind !== 'coroutine') {
      const message = `Action ${action.name} is no coroutine (its \`run\` is no generator function): use \`runtime.run\` or \`runtime.start\``;
      throw new HeddleError('invalid_action', message, { details: { action: action.name } });
    }
    const coroutine = this.#newEntry(action, 'coroutine');
    const resumes = action.resumeSchema === undefined ? undefined : createValidator(action.resumeSchema);
    const stream = { ...coroutine, role: 'stream' as const, estimate: new Estimate() };
    const entries = { coroutine, resume: createResumeEntry(action.name), stream, resumes };
    this.#coroutines.set(action, entries);
    return entries;
  }

  /** The entry of an action that this runtime has met, by the file that defines it. */
  find(module: string, name: string): ActionEntry | undefined {
    return this.#byModule.get(moduleKey(module, name));
  }

  /**
   * Imports the file of an action that this runtime has not met. Its caller's file imported it, so that it is nearly always loaded.
   *
   * @throws HeddleError `load_error`; `invalid_action` as {@link entry}
   */
  async load(module: string, name: string): Promise<ActionEntry> {
    return this.entry(await importAction(module, name));
  }

  #compensation(action: Action | CoroutineAction): ActionEntry | undefined {
    const { enabled, timeoutMs, maxRetries } = action.compensation;
    if (!enabled || action.hooks.onError === undefined) return undefined;
    const options = Object.freeze({ ...DEFAULT_TASK_OPTIONS, backoffMs: this.#base.backoffMs, timeoutMs, maxRetries });
    const entry = { action, params: undefined, objectParams: true, options, estimate: new Estimate() };
    return { ...entry, role: 'compensate', compensation: undefined };
  }
}

function moduleKey(module: string, name: string): string {
  return `${name} ${module}`;
}

function invalidAction(action: unknown): HeddleError {
  if (typeof action === 'function') {
    const name = action.name === '' ? 'an anonymous function' : `the function \`${action.name}\``;
    return new HeddleError(
      'invalid_action',
      `Got ${name} instead of an action. Functions cannot be sent to a thread: put the work in a file of its own, \`export const x = defineAction({ module: import.meta.url, name: 'x', run })\`, and pass \`x\``,
    );
  }
  const isLookAlike = typeof action === 'object' && action !== null && 'run' in action;
  const hint = isLookAlike ? 'wrap it in `defineAction({ module: import.meta.url, … })`' : 'pass what `defineAction` returned';
  return new HeddleError('invalid_action', `Got ${kindOf(action)} instead of an action: ${hint}`);
}
