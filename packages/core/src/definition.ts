import { fileURLToPath } from 'node:url';
import type { TSchema } from '@sinclair/typebox';
import type { ActionDefaults, ActionHooks, ActionKind, CompensationOptions } from './action.ts';
import type { ActionContext } from './context.ts';
import { HeddleError } from './error.ts';
import { isRecord } from './record.ts';

/** A definition found to be without fault, completed with its defaults. */
export interface CheckedDefinition {
  readonly name: string;
  readonly module: string;
  readonly description: string | undefined;
  readonly category: string | undefined;
  readonly tags: readonly string[];
  readonly vsn: string | undefined;
  readonly kind: ActionKind;
  readonly compensation: Required<CompensationOptions>;
  readonly defaults: ActionDefaults;
  readonly schema: TSchema | undefined;
  readonly outputSchema: TSchema | undefined;
  readonly resumeSchema: TSchema | undefined;
  readonly hooks: ActionHooks<never, never>;
  readonly run: (params: never, ctx: ActionContext) => unknown;
}

/** What actions and propagators may be called. */
const NAME: RegExp = /^[a-zA-Z][a-zA-Z0-9_]*$/;
const HOOKS = ['onBeforeValidateParams', 'onAfterValidateParams', 'onAfterRun', 'onAfterValidateOutput', 'onError'] as const;
const TEXTS = ['description', 'category', 'vsn'] as const;
const KEYS: ReadonlySet<string> = new Set([
  'module',
  'name',
  ...TEXTS,
  'tags',
  'schema',
  'outputSchema',
  'resumeSchema',
  'compensation',
  'defaults',
  'run',
  ...HOOKS,
]);

/**
 * Checks a definition whole.
 *
 * @throws HeddleError `config_error` with every fault in its message and in `details.faults`. Source: SEMANTICS A-2.
 */
export function checkDefinition(definition: unknown): CheckedDefinition {
  if (!isRecord(definition)) {
    throw new HeddleError('config_error', `\`defineAction\` takes an object; got ${kindOf(definition)}`, { details: { faults: [] } });
  }
  const faults = [
    ...identityFaults(definition),
    ...keyFaults(definition, KEYS, 'an action'),
    ...partFaults(definition),
    ...compensationFaults(definition['compensation']),
    ...defaultsFaults(definition['defaults']),
  ];
  if (faults.length > 0) {
    const name = typeof definition['name'] === 'string' ? ` \`${definition['name']}\`` : '';
    throw new HeddleError('config_error', `Action${name} is not well defined: ${faults.join('; ')}`, { details: { faults } });
  }
  return complete(definition as never);
}

function complete(definition: Partial<CheckedDefinition> & Pick<CheckedDefinition, 'name' | 'module' | 'run'>): CheckedDefinition {
  const given = definition as unknown as Readonly<Record<string, unknown>>;
  const compensation = definition.compensation as CompensationOptions | undefined;
  return {
    name: definition.name,
    module: definition.module,
    description: definition.description,
    category: definition.category,
    tags: Object.freeze([...(definition.tags ?? [])]),
    vsn: definition.vsn,
    kind: isGeneratorFunction(definition.run) ? 'coroutine' : 'plain',
    compensation: Object.freeze({ enabled: false, maxRetries: 1, timeoutMs: 5000, ...compensation }),
    defaults: Object.freeze({ ...definition.defaults }),
    schema: definition.schema,
    outputSchema: definition.outputSchema,
    resumeSchema: definition.resumeSchema,
    hooks: Object.freeze(Object.fromEntries(HOOKS.flatMap((hook) => bound(hook, given[hook], definition)))) as ActionHooks<never, never>,
    // Bound to the definition, as the hooks are, so that they may use `this` as in any object literal.
    run: definition.run.bind(definition),
  };
}

function bound(name: string, hook: unknown, definition: object): [string, unknown][] {
  return typeof hook === 'function' ? [[name, hook.bind(definition)]] : [];
}

/** The faults of what a definition is called and where it stands. */
export function identityFaults(given: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = [];
  const { name, module } = given;
  if (typeof name !== 'string') faults.push(`\`name\` must be a string; got ${kindOf(name)}`);
  else if (!NAME.test(name)) faults.push(`\`name\` must match ${NAME.source}; got ${JSON.stringify(name)}`);
  if (module === undefined) faults.push('`module` is missing: write `module: import.meta.url`');
  else if (typeof module !== 'string' || !isFileUrl(module))
    faults.push(
      `\`module\` must be a file: URL (\`import.meta.url\`); got ${typeof module === 'string' ? JSON.stringify(module) : kindOf(module)}`,
    );
  return faults;
}

/** The faults of a definition's keys that are none of `keys`. */
export function keyFaults(given: Readonly<Record<string, unknown>>, keys: ReadonlySet<string>, what: string): string[] {
  const unknown = Object.keys(given).filter((key) => !keys.has(key));
  return unknown.map((key) => `\`${key}\` is not a key of ${what}`);
}

function partFaults(given: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = [];
  if (given['run'] === undefined) faults.push('`run` is missing');
  else if (typeof given['run'] !== 'function') faults.push(`\`run\` must be a function; got ${kindOf(given['run'])}`);
  for (const hook of HOOKS) {
    if (given[hook] !== undefined && typeof given[hook] !== 'function')
      faults.push(`\`${hook}\` must be a function; got ${kindOf(given[hook])}`);
  }
  faults.push(...textFaults(given));
  for (const key of ['schema', 'outputSchema', 'resumeSchema'] as const) faults.push(...schemaFaults(given[key], key));
  if (given['resumeSchema'] !== undefined && !isGeneratorFunction(given['run']))
    faults.push('`resumeSchema` is for coroutines: `run` must be a generator function');
  return faults;
}

/** The faults of what a definition says of itself in words. */
export function textFaults(given: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = [];
  for (const key of TEXTS) {
    if (given[key] !== undefined && typeof given[key] !== 'string') faults.push(`\`${key}\` must be a string; got ${kindOf(given[key])}`);
  }
  const { tags } = given;
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')))
    faults.push('`tags` must be an array of strings');
  return faults;
}

/** The faults of a schema, each with the path of the part that is none: a common slip is a bare `'string'` inside `Type.Object`. */
export function schemaFaults(schema: unknown, path: string): string[] {
  if (schema === undefined) return [];
  if (!isSchema(schema)) return [`\`${path}\` must be a TypeBox schema (\`Type.Object({ … })\`); got ${kindOf(schema)}`];
  const { properties, items, allOf, anyOf } = schema as Readonly<Record<string, unknown>>;
  const faults = isRecord(properties)
    ? Object.entries(properties).flatMap(([key, part]) => schemaFaults(part ?? null, `${path}.${key}`))
    : [];
  if (items !== undefined && !Array.isArray(items)) faults.push(...schemaFaults(items, `${path}[]`));
  for (const parts of [items, allOf, anyOf]) {
    if (Array.isArray(parts)) faults.push(...parts.flatMap((part, index) => schemaFaults(part ?? null, `${path}[${index}]`)));
  }
  return faults;
}

// How TypeBox marks schemas, in every copy of it; read here without loading it.
const KIND = Symbol.for('TypeBox.Kind');

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { [KIND]?: unknown })[KIND] === 'string';
}

function compensationFaults(compensation: unknown): string[] {
  if (compensation === undefined) return [];
  if (!isRecord(compensation)) return [`\`compensation\` must be an object; got ${kindOf(compensation)}`];
  const { enabled, maxRetries, timeoutMs, ...rest } = compensation;
  const faults = [
    ...countFaults('compensation.maxRetries', maxRetries),
    ...durationFaults('compensation.timeoutMs', timeoutMs),
    ...unknownKeys('compensation', rest),
  ];
  if (enabled !== undefined && typeof enabled !== 'boolean')
    faults.push(`\`compensation.enabled\` must be a boolean; got ${kindOf(enabled)}`);
  return faults;
}

function defaultsFaults(defaults: unknown): string[] {
  if (defaults === undefined) return [];
  if (!isRecord(defaults)) return [`\`defaults\` must be an object; got ${kindOf(defaults)}`];
  const { timeoutMs, maxRetries, backoffMs, retryIf, ...rest } = defaults;
  const faults = [
    ...durationFaults('defaults.timeoutMs', timeoutMs),
    ...countFaults('defaults.maxRetries', maxRetries),
    ...durationFaults('defaults.backoffMs', backoffMs),
    ...unknownKeys('defaults', rest),
  ];
  if (retryIf !== undefined && typeof retryIf !== 'function')
    faults.push(`\`defaults.retryIf\` must be a function; got ${kindOf(retryIf)}`);
  return faults;
}

function unknownKeys(where: string, rest: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(rest).map((key) => `\`${where}.${key}\` is not an option`);
}

/** The fault of a duration option, if any: milliseconds ≥ 0, `Infinity` included. */
export function durationFaults(name: string, value: unknown): string[] {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return [];
  return [`\`${name}\` must be a number of milliseconds ≥ 0, or Infinity; got ${show(value)}`];
}

/** The fault of a count option, if any: an integer ≥ 0, or `Infinity`. */
export function countFaults(name: string, value: unknown): string[] {
  if (value === undefined || value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && (value as number) >= 0)) return [];
  return [`\`${name}\` must be an integer ≥ 0, or Infinity; got ${show(value)}`];
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : kindOf(value);
}

/** How a value is called in messages: `a string`, `an array`, `null`, … Never throws. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    return Array.isArray(value) ? 'an array' : 'an object';
  } catch {
    return 'an object'; // a revoked proxy: even this cannot be asked of it
  }
}

/** Whether a text is a `file:` URL that names a file. */
function isFileUrl(text: string): boolean {
  try {
    fileURLToPath(text);
    return true;
  } catch {
    return false;
  }
}

function isGeneratorFunction(run: unknown): boolean {
  const tag = Object.prototype.toString.call(run);
  return tag === '[object GeneratorFunction]' || tag === '[object AsyncGeneratorFunction]';
}
