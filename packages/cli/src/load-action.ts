import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Action, type CoroutineAction, HeddleError } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';

/** The actions of a file by name. */
export type Actions = ReadonlyMap<string, Action<never, unknown> | CoroutineAction>;

/**
 * Imports a file of actions.
 *
 * @throws HeddleError `invalid_input` when there is no such file, or no action in it; `load_error` when it does not load
 */
export async function loadActions(runtime: Runtime, module: string, cwd: string): Promise<Actions> {
  const path = resolve(cwd, module);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new HeddleError('invalid_input', `There is no file \`${module}\`: expected the file that exports the action`);
  }
  const actions = await runtime.register(pathToFileURL(path));
  if (actions.size === 0) {
    const hint = "export one: `export const resize = defineAction({ module: import.meta.url, name: 'resize', run })`";
    throw new HeddleError('invalid_input', `\`${module}\` exports no action: ${hint}`);
  }
  return actions;
}

/**
 * The action of a file that is meant: the only one, or the one named.
 *
 * @throws HeddleError `invalid_input` naming those there are
 */
export function chooseAction(actions: Actions, name: string | undefined, module: string): Action<never, unknown> | CoroutineAction {
  const [only] = actions.values();
  const chosen = name === undefined && actions.size === 1 ? only : actions.get(name ?? '');
  if (chosen !== undefined) return chosen;
  const names = [...actions.keys()].map((key) => `\`${key}\``).join(', ');
  if (name === undefined) {
    throw new HeddleError('invalid_input', `\`${module}\` has ${actions.size} actions: say which by name, one of ${names} (\`--action\`)`);
  }
  throw new HeddleError('invalid_input', `\`${module}\` has no action \`${name}\`: it has ${names}`);
}

/**
 * As {@link chooseAction}, one that runs to its end.
 *
 * @throws HeddleError `invalid_action` for a coroutine
 */
export function choosePlainAction(actions: Actions, name: string | undefined, module: string): Action<never, unknown> {
  const action = chooseAction(actions, name, module);
  if (action.kind === 'plain') return action;
  throw new HeddleError(
    'invalid_action',
    `\`${action.name}\` is a coroutine (its \`run\` is a generator), and nobody answers it for each row: use \`heddle run\`, or \`runtime.coroutine\` and \`runtime.stream\` in a program`,
  );
}
