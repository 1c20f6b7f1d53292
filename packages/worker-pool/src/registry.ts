import { pathToFileURL } from 'node:url';
import { type Action, type CoroutineAction, HeddleError, isAction } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import { importModule, type ModuleExports } from './import-module.ts';
import { loadError } from './worker/load-action.ts';

/** Any action, as it is known by its name alone. */
export type RegisteredAction = Action<never, unknown> | CoroutineAction;

/**
 * The actions of a runtime by name. One name is one action: two of the same name are told apart by the file that defines them, as a lane
 * tells them; a file that is imported once more gives the newer action in the place of the older one.
 */
export class ActionRegistry {
  readonly #actions = new Map<string, RegisteredAction>();

  get actions(): ReadonlyMap<string, RegisteredAction> {
    return this.#actions;
  }

  /**
   * Registers an action, or all actions that a file exports: all or none.
   *
   * @throws HeddleError `config_error` for a name that another action has, naming both modules; `load_error` for a file that does not
   * load; `invalid_action` for anything else
   */
  async register(source: unknown): Promise<ReadonlyMap<string, RegisteredAction>> {
    if (typeof source === 'string' || source instanceof URL) return this.add(await importActions(source));
    if (isAction(source)) return this.add([source]);
    throw new HeddleError('invalid_action', `\`register\` takes the path or URL of a file, or an action; got ${kindOf(source)}`);
  }

  /**
   * Adds actions, all or none, and gives them by name.
   *
   * @throws HeddleError `config_error`, every name at fault
   */
  add(actions: Iterable<RegisteredAction>): ReadonlyMap<string, RegisteredAction> {
    const added = new Map<string, RegisteredAction>();
    const faults: Clash[] = [];
    for (const action of actions) {
      const { name, module } = action;
      const beside = added.get(name);
      const before = this.#actions.get(name);
      if (beside !== undefined && beside !== action) faults.push({ name, modules: [beside.module, module] });
      else if (before !== undefined && before.module !== module) faults.push({ name, modules: [before.module, module] });
      added.set(name, action);
    }
    if (faults.length > 0) throw clashError(faults);
    for (const [name, action] of added) this.#actions.set(name, action);
    return added;
  }
}

async function importActions(source: string | URL): Promise<readonly RegisteredAction[]> {
  const url = source instanceof URL || /^[a-z]{2,}:/i.test(source) ? String(source) : pathToFileURL(source).href;
  let exports: ModuleExports;
  try {
    exports = await importModule(url);
  } catch (cause) {
    throw loadError(url, undefined, cause);
  }
  return Object.values(exports).filter(isAction);
}

interface Clash {
  readonly name: string;
  readonly modules: readonly [string, string];
}

function clashError(clashes: readonly Clash[]): HeddleError {
  const faults = clashes.map(({ name, modules: [one, other] }) =>
    one === other ? `${one} has two actions of the name \`${name}\`` : `${one} and ${other} both have an action of the name \`${name}\``,
  );
  const message = `Names of actions are unique in a runtime: ${faults.join('; ')}; rename one`;
  return new HeddleError('config_error', message, { details: { faults, clashes } });
}
