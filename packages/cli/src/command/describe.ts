import type { Action, CoroutineAction } from '@heddle/core';
import { chooseAction, loadActions } from '../load-action.ts';
import { formatDuration } from '../report/duration.ts';
import { schemaFields } from '../report/schema-text.ts';
import { tableLines } from '../report/table.ts';
import { paint } from '../shell/color.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Screen, Shell } from '../shell/shell.ts';
import type { CommandSpec, Given } from './spec.ts';
import { flagOption } from './value.ts';

/** `heddle describe`: what an action is and takes. */
export const describeCommand: CommandSpec = {
  name: 'describe',
  arguments: [
    ['<module>', 'the file that exports the action'],
    ['[action]', 'which one, where the file has several; all of them without'],
  ],
  summary: "show an action's schemas and defaults",
  description: 'Shows the name, description, kind, schemas and defaults of the actions of a file.',
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
    const actions = await loadActions(runtime, module, shell.cwd);
    const chosen = name === undefined ? [...actions.values()] : [chooseAction(actions, name, module)];
    shell.stdout.write(
      flagOption(options, 'json') ? `${jsonText(chosen)}\n` : `${chosen.map((action) => actionText(shell.stdout, action)).join('\n\n')}\n`,
    );
    return 0;
  } finally {
    await runtime.close();
  }
}

function jsonText(actions: readonly (Action | CoroutineAction)[]): string {
  // `retryIf` is a function: JSON leaves it out.
  const all = actions.map((action) => ({ ...action.toJSON(), defaults: action.defaults }));
  return JSON.stringify(all.length === 1 ? all[0] : all, undefined, 2);
}

function actionText(screen: Screen, action: Action | CoroutineAction): string {
  const json = action.toJSON();
  const facts: (readonly [string, string])[] = [
    ['kind', action.kind],
    ...(json.category === undefined ? [] : [['category', json.category] as const]),
    ...(json.tags.length === 0 ? [] : [['tags', json.tags.join(', ')] as const]),
    ...(json.vsn === undefined ? [] : [['version', json.vsn] as const]),
    ['module', json.module],
    ...defaultFacts(action),
    ...compensationFacts(json.compensation),
  ];
  return [
    paint(screen, 'strong', json.name),
    ...(json.description === undefined ? [] : [`  ${json.description}`]),
    '',
    ...tableLines(facts, '  '),
    ...section('params', json.schema),
    ...(action.kind === 'coroutine' ? coroutineSections(json.resumeSchema) : []),
    ...section('value', json.outputSchema),
  ].join('\n');
}

function section(title: string, schema: unknown): readonly string[] {
  if (schema === undefined) return ['', `  ${title}: any, it has no schema`];
  const rows = schemaFields(schema).map(({ path, type, need, description }) => [path === '' ? '(itself)' : path, type, need, description]);
  return ['', `  ${title}`, ...(rows.length === 0 ? ['    an object'] : tableLines(rows, '    '))];
}

/** What it yields has no schema of its own. */
function coroutineSections(resumeSchema: unknown): readonly string[] {
  return ['', '  yields: any, it has no schema', ...section('resumed with', resumeSchema)];
}

function defaultFacts({ defaults }: Action | CoroutineAction): (readonly [string, string])[] {
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
}): (readonly [string, string])[] {
  return enabled ? [['compensation', `timeout ${limitText(timeoutMs)}, retries ${maxRetries}`]] : [];
}

function limitText(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'none' : formatDuration(ms);
}
