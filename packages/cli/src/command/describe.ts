import { type Action, type CoroutineAction, isAgent } from '@heddle/core';
import { chooseDefinition, type Definition, loadDefinitions } from '../load-definitions.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Screen, Shell } from '../shell/shell.ts';
import { agentText } from './describe-agent.ts';
import { type Fact, headLines, limitText, metadataFacts, section } from './describe-text.ts';
import type { CommandSpec, Given } from './spec.ts';
import { flagOption } from './value.ts';

/** `heddle describe`: what an action or agent is and takes. */
export const describeCommand: CommandSpec = {
  name: 'describe',
  arguments: [
    ['<module>', 'the file that exports the action or agent'],
    ['[action]', 'which one, where the file has several; all of them without'],
  ],
  summary: "show an action's or agent's schemas and defaults",
  description: `Shows the name, description, kind, schemas and defaults of the actions of a file, and of its agents
the state, the signals and what becomes of them when a handler fails.`,
  options: [{ flags: '--json', description: 'as JSON, schemas as JSON Schema: an object for one action, else an array' }],
  examples: [
    ['heddle describe resize.ts', 'shows all actions of the file'],
    ['heddle describe images.ts resize', 'shows one'],
    ['heddle describe images.ts resize --json | jq .schema', 'prints its params as JSON Schema'],
  ],
  run: describe,
};

async function describe({ arguments: [module = '', name], options }: Given, shell: Shell): Promise<ExitCode> {
  const logger = createScreenLogger((line) => shell.stderr.write(`${line}\n`));
  const runtime = shell.createRuntime({ threads: { min: 0, max: 1 }, logger });
  try {
    const definitions = await loadDefinitions(runtime, module, shell.cwd);
    const chosen = name === undefined ? [...definitions.values()] : [chooseDefinition(definitions, name, module)];
    shell.stdout.write(
      flagOption(options, 'json')
        ? `${jsonText(chosen)}\n`
        : `${chosen.map((definition) => definitionText(shell.stdout, definition)).join('\n\n')}\n`,
    );
    return 0;
  } finally {
    await runtime.close();
  }
}

function jsonText(definitions: readonly Definition[]): string {
  // `retryIf` is a function: JSON leaves it out.
  const all = definitions.map((definition) =>
    isAgent(definition)
      ? { ...definition.toJSON(), initialState: definition.initialState }
      : { ...definition.toJSON(), defaults: definition.defaults },
  );
  return JSON.stringify(all.length === 1 ? all[0] : all, undefined, 2);
}

function definitionText(screen: Screen, definition: Definition): string {
  return isAgent(definition) ? agentText(screen, definition) : actionText(screen, definition);
}

function actionText(screen: Screen, action: Action<never, unknown> | CoroutineAction): string {
  const json = action.toJSON();
  const facts: Fact[] = [['kind', action.kind], ...metadataFacts(json), ...defaultFacts(action), ...compensationFacts(json.compensation)];
  return [
    ...headLines(screen, json, facts),
    ...section('params', json.schema),
    ...(action.kind === 'coroutine' ? coroutineSections(json.resumeSchema) : []),
    ...section('value', json.outputSchema),
  ].join('\n');
}

/** What it yields has no schema of its own. */
function coroutineSections(resumeSchema: unknown): readonly string[] {
  return ['', '  yields: any, it has no schema', ...section('resumed with', resumeSchema)];
}

function defaultFacts({ defaults }: Action<never, unknown> | CoroutineAction): Fact[] {
  const { timeoutMs, maxRetries, backoffMs, retryIf } = defaults;
  const parts = [
    ...(timeoutMs === undefined ? [] : [`timeout ${limitText(timeoutMs)}`]),
    ...(maxRetries === undefined ? [] : [`retries ${maxRetries}`]),
    ...(backoffMs === undefined ? [] : [`backoff ${limitText(backoffMs)}`]),
    ...(retryIf === undefined ? [] : ['its own rule of what to retry']),
  ];
  return parts.length === 0 ? [] : [['defaults', parts.join(', ')]];
}

function compensationFacts({
  enabled,
  maxRetries,
  timeoutMs,
}: {
  readonly enabled: boolean;
  readonly maxRetries: number;
  readonly timeoutMs: number;
}): Fact[] {
  return enabled ? [['compensation', `timeout ${limitText(timeoutMs)}, retries ${maxRetries}`]] : [];
}
