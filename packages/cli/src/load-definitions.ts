import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Action, type AgentDefinition, type CoroutineAction, HeddleError, isAgent } from '@heddle/core';
import { isRecord } from '@heddle/core/engine';
import type { Runtime } from '@heddle/worker-pool';

/** What a file defines: an action, a coroutine or an agent. */
export type Definition = Action<never, unknown> | CoroutineAction | AgentDefinition;

/** What a file defines, by name. */
export type Definitions = ReadonlyMap<string, Definition>;

/** The kind of a definition, in a word. */
export function kindOfDefinition(definition: Definition): 'plain' | 'coroutine' | 'agent' {
  return isAgent(definition) ? 'agent' : definition.kind;
}

/**
 * Imports a file of actions and agents; actions come first.
 *
 * @throws HeddleError `invalid_input` when there is no such file, or nothing in it; `config_error` for a name that two have; `load_error`
 * when it does not load
 */
export async function loadDefinitions(runtime: Runtime, module: string, cwd: string): Promise<Definitions> {
  const path = resolve(cwd, module);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new HeddleError('invalid_input', `There is no file \`${module}\`: expected the file that exports the action`);
  }
  const url = pathToFileURL(path);
  const found = new Map<string, Definition>(await runtime.register(url));
  for (const agent of Object.values(await exportsOf(url)).filter(isAgent)) {
    const before = found.get(agent.name);
    if (before !== undefined && !(isAgent(before) && before.module === agent.module))
      throw new HeddleError('config_error', `\`${module}\` has an action and an agent of the name \`${agent.name}\`; rename one`);
    found.set(agent.name, agent);
  }
  if (found.size === 0) {
    const hint = "export one: `export const resize = defineAction({ module: import.meta.url, name: 'resize', run })`";
    throw new HeddleError('invalid_input', `\`${module}\` exports no action and no agent: ${hint}`);
  }
  return found;
}

/**
 * The exports of a file that the runtime has imported: it is not run once more. TypeScript that Node does not import by itself is among the
 * CommonJS modules, where jiti keeps what it has transpiled.
 */
async function exportsOf(url: URL): Promise<object> {
  const transpiled: unknown = createRequire(import.meta.url).cache[fileURLToPath(url)]?.exports;
  return isRecord(transpiled) ? transpiled : ((await import(url.href)) as object); // a module is one
}

/**
 * The definition of a file that is meant: the only one, or the one named.
 *
 * @throws HeddleError `invalid_input` naming those there are
 */
export function chooseDefinition(definitions: Definitions, name: string | undefined, module: string): Definition {
  const [only] = definitions.values();
  const chosen = name === undefined && definitions.size === 1 ? only : definitions.get(name ?? '');
  if (chosen !== undefined) return chosen;
  const names = [...definitions.keys()].map((key) => `\`${key}\``).join(', ');
  const what = [...definitions.values()].some(isAgent) ? 'actions and agents' : 'actions';
  if (name === undefined) {
    throw new HeddleError(
      'invalid_input',
      `\`${module}\` has ${definitions.size} ${what}: say which by name, one of ${names} (\`--action\`)`,
    );
  }
  throw new HeddleError('invalid_input', `\`${module}\` has no action \`${name}\`: it has ${names}`);
}

/**
 * As {@link chooseDefinition}, an action that runs to its end.
 *
 * @throws HeddleError `invalid_action` for a coroutine and an agent
 */
export function choosePlainAction(definitions: Definitions, name: string | undefined, module: string): Action<never, unknown> {
  const chosen = chooseDefinition(definitions, name, module);
  if (isAgent(chosen))
    throw new HeddleError(
      'invalid_action',
      `\`${chosen.name}\` is an agent, and no action that is run for each row: use \`heddle run\`, or \`runtime.startAgent\` in a program`,
    );
  if (chosen.kind === 'plain') return chosen;
  throw new HeddleError(
    'invalid_action',
    `\`${chosen.name}\` is a coroutine (its \`run\` is a generator), and nobody answers it for each row: use \`heddle run\`, or \`runtime.coroutine\` and \`runtime.stream\` in a program`,
  );
}
