import { type Action, type CoroutineAction, HeddleError, isAction } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { createValidator, type Validator } from '@heddle/core/validation';
import { Estimate } from './scheduler/estimate.ts';
import { DEFAULT_TASK_OPTIONS, definedOf, type ParsedTaskOptions, type TaskDefaults } from './task-options.ts';

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
}

/** The actions that a runtime has met. */
export class ActionTable {
  readonly #entries = new Map<unknown, ActionEntry>();
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
    const entry: ActionEntry = {
      action,
      params: action.schema === undefined || action.hooks.onBeforeValidateParams !== undefined ? undefined : createValidator(action.schema),
      objectParams: action.schema === undefined || isObjectSchema(action.schema),
      // Precedence: call > action > runtime (SEMANTICS A-1: an action's defaults lie below every call's own options).
      options: Object.freeze({ ...this.#base, ...definedOf(action.defaults) }),
      estimate: new Estimate(),
    };
    this.#entries.set(action, entry);
    return entry;
  }
}

function isObjectSchema(schema: Readonly<Record<string, unknown>>): boolean {
  const parts = schema['allOf'] ?? schema['anyOf'];
  if (Array.isArray(parts)) return parts.every((part) => isObjectSchema(part as Record<string, unknown>));
  return schema['type'] === 'object';
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
