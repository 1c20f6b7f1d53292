import type { TSchema } from '@sinclair/typebox';
import { metadataOf } from './action.ts';
import type { FailurePolicy, RestartLimit, SignalHandler } from './agent.ts';
import type { ActionMetadata } from './context.ts';
import { countFaults, durationFaults, identityFaults, keyFaults, kindOf, schemaFaults, textFaults } from './definition.ts';
import { HeddleError } from './error.ts';
import { isRecord } from './record.ts';

/** An agent's definition found to be without fault, completed with its defaults. */
export interface CheckedAgent {
  readonly metadata: ActionMetadata;
  readonly schema: TSchema;
  readonly signals: Readonly<Record<string, TSchema>>;
  readonly initialState: Readonly<Record<string, unknown>>;
  readonly on: Readonly<Record<string, SignalHandler<never, never>>>;
  readonly failurePolicy: FailurePolicy;
  readonly restart: Required<RestartLimit>;
  readonly mailboxLimit: number;
  readonly timeoutMs: number;
}

const POLICIES: readonly unknown[] = ['stop', 'continue', 'restart'];
const KEYS: ReadonlySet<string> = new Set([
  ...['module', 'name', 'description', 'category', 'vsn', 'tags', 'schema', 'initialState', 'signals', 'on'],
  ...['failurePolicy', 'restart', 'mailboxLimit', 'timeoutMs'],
]);

/**
 * Checks the definition of an agent whole.
 *
 * @throws HeddleError `config_error` with every fault in its message and in `details.faults`
 */
export function checkAgentDefinition(definition: unknown): CheckedAgent {
  if (!isRecord(definition))
    throw new HeddleError('config_error', `\`defineAgent\` takes an object; got ${kindOf(definition)}`, { details: { faults: [] } });
  const faults = [
    ...identityFaults(definition),
    ...keyFaults(definition, KEYS, 'an agent'),
    ...textFaults(definition),
    ...stateFaults(definition),
    ...signalFaults(definition),
    ...agentLimitFaults(definition),
  ];
  if (faults.length > 0) {
    const name = typeof definition['name'] === 'string' ? ` \`${definition['name']}\`` : '';
    throw new HeddleError('config_error', `Agent${name} is not well defined: ${faults.join('; ')}`, { details: { faults } });
  }
  return complete(definition as never);
}

function complete(given: Partial<CheckedAgent> & Pick<CheckedAgent, 'schema' | 'on'> & ActionMetadata): CheckedAgent {
  const on = Object.entries(given.on).map(([signal, handler]) => [signal, handler.bind(given.on)] as const);
  return {
    metadata: metadataOf({ ...given, tags: Object.freeze([...(given.tags ?? [])]) }),
    schema: given.schema,
    signals: Object.freeze({ ...given.signals }),
    initialState: Object.freeze({ ...given.initialState }),
    // No prototype: a signal named `toString` has no handler unless one is given.
    on: Object.freeze(Object.assign(Object.create(null), Object.fromEntries(on))) as CheckedAgent['on'],
    failurePolicy: given.failurePolicy ?? 'stop',
    restart: Object.freeze({ max: given.restart?.max ?? 3, withinMs: given.restart?.withinMs ?? 5000 }),
    mailboxLimit: given.mailboxLimit ?? 10_000,
    timeoutMs: given.timeoutMs ?? 5000,
  };
}

function stateFaults({ schema, initialState }: Readonly<Record<string, unknown>>): string[] {
  const faults = schema === undefined ? ['`schema` is missing: the TypeBox schema of the state'] : schemaFaults(schema, 'schema');
  if (faults.length === 0 && !describesObject(schema)) faults.push('`schema` must describe an object (`Type.Object({ … })`)');
  if (initialState !== undefined && !isRecord(initialState)) faults.push(`\`initialState\` must be an object; got ${kindOf(initialState)}`);
  return faults;
}

function describesObject(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  const parts = schema['allOf'] ?? schema['anyOf'];
  return Array.isArray(parts) ? parts.every(describesObject) : schema['type'] === 'object';
}

function signalFaults({ on, signals }: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = [];
  if (on === undefined) faults.push('`on` is missing: the handlers, by signal');
  else if (!isRecord(on)) faults.push(`\`on\` must be an object; got ${kindOf(on)}`);
  const handlers = isRecord(on) ? on : {};
  for (const [signal, handler] of Object.entries(handlers)) {
    if (signal === '') faults.push('`on` has a signal without a name');
    if (typeof handler !== 'function') faults.push(`\`on.${signal}\` must be a function; got ${kindOf(handler)}`);
  }
  if (signals === undefined) return faults;
  if (!isRecord(signals)) return [...faults, `\`signals\` must be an object; got ${kindOf(signals)}`];
  for (const [signal, schema] of Object.entries(signals)) {
    faults.push(...schemaFaults(schema ?? null, `signals.${signal}`));
    if (!Object.hasOwn(handlers, signal)) faults.push(`\`signals.${signal}\` has no handler in \`on\``);
  }
  return faults;
}

/** The faults of an agent's limits, in its definition or where it is started. */
export function agentLimitFaults(given: Readonly<Record<string, unknown>>): string[] {
  const { failurePolicy, restart, mailboxLimit, timeoutMs } = given;
  const faults = [...countFaults('mailboxLimit', mailboxLimit), ...durationFaults('timeoutMs', timeoutMs)];
  if (failurePolicy !== undefined && !POLICIES.includes(failurePolicy))
    faults.push(`\`failurePolicy\` must be one of ${POLICIES.join(', ')}`);
  if (restart === undefined) return faults;
  if (!isRecord(restart)) return [...faults, `\`restart\` must be an object; got ${kindOf(restart)}`];
  const { max, withinMs, ...rest } = restart;
  const unknown = Object.keys(rest).map((key) => `\`restart.${key}\` is not an option`);
  return [...faults, ...countFaults('restart.max', max), ...durationFaults('restart.withinMs', withinMs), ...unknown];
}
