import { availableParallelism } from 'node:os';
import type { ResourceLimits } from 'node:worker_threads';
import { HeddleError, isPropagator, type Propagator } from '@heddle/core';
import { durationFaults, isRecord, kindOf } from '@heddle/core/engine';
import type { RuntimeEvent } from './event.ts';
import { laneExecArgv } from './exec-argv.ts';
import { type Isolation, isolationFaults } from './isolation.ts';
import { SLOTS } from './lane/claims.ts';
import { createDefaultLogger, type Logger } from './logger.ts';
import { type Permissions, permissionFaults } from './permissions.ts';
import type { LaneSettings } from './protocol/input.ts';
import { redactFaults } from './redactor.ts';
import { createServiceTable, type ServiceObjects, type ServiceTable, serviceFaults } from './service/service-table.ts';
import { type TaskDefaults, taskDefaultFaults } from './task-options.ts';
import { type ParsedTenants, parseTenants, type TenantsOptions, tenantsFaults } from './tenant/limits.ts';

/** How many threads there are. */
export interface ThreadOptions {
  /** Lanes opened at once and kept. @defaultValue 1 */
  readonly min?: number;
  /** Lanes at the most. @defaultValue the cores this process may use */
  readonly max?: number;
  /** Tasks that may run on one lane at once; more than one only pays for actions that wait. @defaultValue 1 */
  readonly concurrency?: number;
}

/** The lanes of coroutines and streams; beside `threads`, and started with the first of them. */
export interface StatefulOptions {
  /** Threads at the most. @defaultValue 2, or as many as the process has cores */
  readonly threads?: number;
  /** Coroutines that may be there at once, suspended ones included; more end with a `limit_exceeded`. @defaultValue 1000000 */
  readonly limit?: number;
}

/** What the process may use: one limit for a runtime and all its instances. */
export interface MemoryOptions {
  /**
   * Resident memory of the process in MiB, Buffers included. Past it, by best effort, the lane that holds the most is ended: what has begun
   * on it fails with a `limit_exceeded`. @defaultValue not watched
   */
  readonly maxRssMb?: number;
}

/** What happens to a task that finds the queue full: refused, kept waiting (`run` and `map`), or let in at the cost of the oldest. */
export type WhenFull = 'reject' | 'wait' | 'drop-oldest';

/** The queue at the host. */
export interface QueueOptions {
  /** Tasks that may wait for a lane. @defaultValue Infinity */
  readonly limit?: number;
  /** @defaultValue 'reject' */
  readonly whenFull?: WhenFull;
}

/** Who may await and cancel a task: `strict`, its owner and those above it; `shared`, whoever in the process holds its ref. Source: SEMANTICS E-5. */
export type Ownership = 'strict' | 'shared';

/** What a runtime is made with. */
export interface RuntimeOptions {
  /** For logs and errors. @defaultValue 'heddle' */
  readonly name?: string;
  readonly threads?: ThreadOptions;
  readonly queue?: QueueOptions;
  /** What each tenant may use, so that none takes from the others. `{}` = a fair share alone. See `docs/tenants.md`. @defaultValue tasks are of nobody */
  readonly tenants?: TenantsOptions;
  readonly stateful?: StatefulOptions;
  /** Milliseconds between asking a task to end and terminating its thread. @defaultValue 500 */
  readonly graceMs?: number;
  /** Milliseconds an action's module may take to load. @defaultValue 10000 */
  readonly loadTimeoutMs?: number;
  /** Threads stuck in native code that may be replaced over the limit of lanes. @defaultValue 1 */
  readonly zombieLimit?: number;
  /** Under every action's own defaults and every call's options. */
  readonly defaults?: TaskDefaults;
  /** Where `ctx.log` and the runtime's own events go. @defaultValue pino on stderr, warnings and above */
  readonly logger?: Logger;
  /**
   * Names of log fields that hold secrets, beside the well-known ones (password, token, authorization, …), in any case and with any
   * separators; `false` replaces none. @defaultValue `[]`
   */
  readonly redact?: readonly string[] | false;
  /** What carries the caller's ambient state into the threads, in this order. Made by `definePropagator`. @defaultValue none */
  readonly propagators?: readonly Propagator[];
  /** Told what no outcome tells. What it throws is written to the logger. */
  readonly onEvent?: (event: RuntimeEvent) => void;
  /** Objects of this thread whose methods actions may call, as `ctx.services`. Taken by reference. See `docs/services.md`. */
  readonly services?: ServiceObjects;
  /** What its lanes are. @defaultValue 'thread' */
  readonly isolation?: Isolation;
  /** What code in the lanes may use, by Node's permission model; not `inline`. @defaultValue everything */
  readonly permissions?: Permissions;
  /** V8's limits for each thread; a limit on the old generation alone sets 32 MiB for the young. Buffers are outside of them: see `memory`. */
  readonly resourceLimits?: ResourceLimits;
  readonly memory?: MemoryOptions;
  /** The threads' environment. @defaultValue a copy of this process's */
  readonly env?: NodeJS.ProcessEnv;
  /** Node's flags for the threads. @defaultValue those of this process that a thread can take */
  readonly execArgv?: readonly string[];
  /** Who may await and cancel its tasks: their owner and those above it, or whoever holds a ref of one. @defaultValue 'strict' */
  readonly ownership?: Ownership;
}

/** The options of a runtime, complete. */
export interface ParsedRuntimeOptions {
  readonly name: string;
  readonly minLanes: number;
  readonly maxLanes: number;
  readonly concurrency: number;
  /** The cores this process may use. */
  readonly cores: number;
  readonly queueLimit: number;
  readonly whenFull: WhenFull;
  /** `undefined` = tasks are of nobody. */
  readonly tenants: ParsedTenants | undefined;
  readonly statefulLanes: number;
  readonly statefulLimit: number;
  readonly graceMs: number;
  readonly loadTimeoutMs: number;
  readonly zombieLimit: number;
  readonly defaults: TaskDefaults;
  readonly logger: Logger;
  readonly redact: readonly string[] | false;
  /** `undefined` = none. */
  readonly propagators: readonly Propagator[] | undefined;
  readonly onEvent: ((event: RuntimeEvent) => void) | undefined;
  /** None where there are no services. */
  readonly services: ServiceTable | undefined;
  readonly isolation: Isolation;
  readonly permissions: Permissions | undefined;
  readonly resourceLimits: ResourceLimits | undefined;
  /** `undefined` = not watched. */
  readonly maxRssMb: number | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly execArgv: readonly string[];
  readonly ownership: Ownership;
  /** What it was made of: what an instance is not given, it has from here. */
  readonly given: RuntimeOptions;
}

const KEYS: ReadonlySet<string> = new Set([
  ...[
    'name',
    'threads',
    'queue',
    'tenants',
    'stateful',
    'graceMs',
    'loadTimeoutMs',
    'zombieLimit',
    'defaults',
    'logger',
    'redact',
    'propagators',
    'onEvent',
    'services',
    'isolation',
    'permissions',
    'resourceLimits',
    'memory',
    'env',
    'execArgv',
    'ownership',
  ],
]);
const LOG_METHODS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const WHEN_FULL: readonly unknown[] = ['reject', 'wait', 'drop-oldest'];
const OWNERSHIP: readonly unknown[] = ['strict', 'shared'];

/**
 * Checks and completes a runtime's options.
 *
 * @throws HeddleError `config_error`, every fault at once
 */
export function parseRuntimeOptions(options: unknown = {}): ParsedRuntimeOptions {
  const faults = runtimeOptionFaults(options);
  if (faults.length > 0) throw new HeddleError('config_error', `Invalid runtime options: ${faults.join('; ')}`, { details: { faults } });
  const { name = 'heddle', threads = {}, queue = {}, stateful = {}, ...given } = options as RuntimeOptions; // every field was checked
  const maxLanes = threads.max ?? Math.max(availableParallelism(), threads.min ?? 1);
  return Object.freeze({
    name,
    minLanes: threads.min ?? Math.min(1, maxLanes),
    maxLanes,
    concurrency: threads.concurrency ?? 1,
    cores: availableParallelism(),
    queueLimit: queue.limit ?? Number.POSITIVE_INFINITY,
    whenFull: queue.whenFull ?? 'reject',
    tenants: given.tenants === undefined ? undefined : parseTenants(given.tenants),
    statefulLanes: stateful.threads ?? Math.min(2, availableParallelism()),
    statefulLimit: stateful.limit ?? 1_000_000,
    graceMs: given.graceMs ?? 500,
    loadTimeoutMs: given.loadTimeoutMs ?? 10_000,
    zombieLimit: given.zombieLimit ?? 1,
    defaults: given.defaults ?? {},
    logger: given.logger ?? createDefaultLogger(name),
    redact: given.redact ?? [],
    propagators: given.propagators === undefined || given.propagators.length === 0 ? undefined : [...given.propagators],
    onEvent: given.onEvent,
    services: createServiceTable(given.services),
    isolation: given.isolation ?? 'thread',
    permissions: given.permissions,
    resourceLimits: given.resourceLimits,
    maxRssMb: given.memory?.maxRssMb === Number.POSITIVE_INFINITY ? undefined : given.memory?.maxRssMb,
    env: given.env,
    execArgv: given.execArgv ?? laneExecArgv(process.execArgv),
    ownership: given.ownership ?? 'strict',
    given: options as RuntimeOptions, // as above
  });
}

/** The options of the lanes where coroutines and streams live: a lane runs as many of them beside each other as there are. */
export function statefulOptions(options: ParsedRuntimeOptions): ParsedRuntimeOptions {
  const { statefulLanes } = options;
  const unbounded = { queueLimit: Number.POSITIVE_INFINITY, whenFull: 'reject' as const, tenants: undefined };
  return { ...options, ...unbounded, minLanes: 0, maxLanes: statefulLanes, concurrency: SLOTS };
}

/** What every lane of a runtime is told when it opens; plain data. */
export function laneSettings(options: ParsedRuntimeOptions, idPrefix: string): Omit<LaneSettings, 'port' | 'claims' | 'services'> {
  const { concurrency, logger, redact } = options;
  const propagators = options.propagators?.map(({ module, name, strict }) => ({ module, name, strict }));
  return { idPrefix, concurrency, logLevel: logger.level, redact, propagators };
}

/** The faults of what `close` was given, each naming its option. */
export function closeOptionFaults({ graceMs, ...rest }: { readonly graceMs?: unknown }): string[] {
  return [...durationFaults('graceMs', graceMs), ...unknownKeys('', rest, new Set())];
}

function runtimeOptionFaults(options: unknown): string[] {
  if (!isRecord(options)) return [`expected an object, got ${kindOf(options)}`];
  const { name, graceMs, loadTimeoutMs, zombieLimit, onEvent, resourceLimits, env, execArgv, logger, ownership } = options;
  const faults = [...threadFaults(options['threads']), ...queueFaults(options['queue']), ...statefulFaults(options['stateful'])];
  faults.push(...tenantsFaults(options['tenants']));
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    faults.push(`\`name\` must be a string that is not empty; got ${kindOf(name)}`);
  faults.push(
    ...durationFaults('graceMs', graceMs),
    ...durationFaults('loadTimeoutMs', loadTimeoutMs),
    ...wholeFaults('zombieLimit', zombieLimit, 0),
  );
  faults.push(...taskDefaultFaults(options['defaults']), ...serviceFaults(options['services']));
  faults.push(...memoryFaults(options['memory']), ...redactFaults(options['redact']), ...propagatorsFaults(options['propagators']));
  if (onEvent !== undefined && typeof onEvent !== 'function') faults.push(`\`onEvent\` must be a function; got ${kindOf(onEvent)}`);
  if (logger !== undefined && !isLogger(logger))
    faults.push('`logger` must be a pino logger, or an object with `level` and the methods trace … fatal');
  for (const [key, value] of Object.entries({ resourceLimits, env })) {
    if (value !== undefined && !isRecord(value)) faults.push(`\`${key}\` must be an object; got ${kindOf(value)}`);
  }
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string')))
    faults.push('`execArgv` must be an array of strings');
  faults.push(...isolationFaults(options), ...permissionFaults(options['permissions']));
  if (ownership !== undefined && !OWNERSHIP.includes(ownership)) faults.push(`\`ownership\` must be one of ${OWNERSHIP.join(', ')}`);
  return [...faults, ...unknownKeys('', options, KEYS)];
}

function threadFaults(threads: unknown): string[] {
  if (threads === undefined) return [];
  if (!isRecord(threads)) return [`\`threads\` must be an object; got ${kindOf(threads)}`];
  const { min, max, concurrency } = threads;
  const faults = [
    ...wholeFaults('threads.min', min, 0),
    ...wholeFaults('threads.max', max, 1),
    ...wholeFaults('threads.concurrency', concurrency, 1),
  ];
  if (faults.length === 0 && typeof min === 'number' && typeof max === 'number' && min > max)
    faults.push(`\`threads.min\` (${min}) must not be above \`threads.max\` (${max})`);
  if (typeof concurrency === 'number' && concurrency > SLOTS)
    faults.push(`\`threads.concurrency\` must be at most ${SLOTS}; got ${concurrency}`);
  return [...faults, ...unknownKeys('threads.', threads, new Set(['min', 'max', 'concurrency']))];
}

function propagatorsFaults(propagators: unknown): string[] {
  if (propagators === undefined) return [];
  if (!Array.isArray(propagators)) return [`\`propagators\` must be an array; got ${kindOf(propagators)}`];
  const faults = propagators.flatMap((value: unknown, index) =>
    isPropagator(value) ? [] : [`\`propagators[${index}]\` must be what \`definePropagator\` returned; got ${kindOf(value)}`],
  );
  const names = propagators.filter(isPropagator).map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index)))
    faults.push(`\`propagators\` has two that are called ${name}`);
  return faults;
}

function queueFaults(queue: unknown): string[] {
  if (queue === undefined) return [];
  if (!isRecord(queue)) return [`\`queue\` must be an object; got ${kindOf(queue)}`];
  const { limit, whenFull } = queue;
  const faults = limit === Number.POSITIVE_INFINITY ? [] : wholeFaults('queue.limit', limit, 0);
  if (whenFull !== undefined && !WHEN_FULL.includes(whenFull)) faults.push(`\`queue.whenFull\` must be one of ${WHEN_FULL.join(', ')}`);
  return [...faults, ...unknownKeys('queue.', queue, new Set(['limit', 'whenFull']))];
}

function memoryFaults(memory: unknown): string[] {
  if (memory === undefined) return [];
  if (!isRecord(memory)) return [`\`memory\` must be an object; got ${kindOf(memory)}`];
  const { maxRssMb, ...rest } = memory;
  return [
    ...(maxRssMb === Number.POSITIVE_INFINITY ? [] : wholeFaults('memory.maxRssMb', maxRssMb, 1)),
    ...unknownKeys('memory.', rest, new Set()),
  ];
}

function statefulFaults(stateful: unknown): string[] {
  if (stateful === undefined) return [];
  if (!isRecord(stateful)) return [`\`stateful\` must be an object; got ${kindOf(stateful)}`];
  const { threads, limit, ...rest } = stateful;
  return [
    ...wholeFaults('stateful.threads', threads, 1),
    ...(limit === Number.POSITIVE_INFINITY ? [] : wholeFaults('stateful.limit', limit, 0)),
    ...unknownKeys('stateful.', rest, new Set()),
  ];
}

function wholeFaults(name: string, value: unknown, least: number): string[] {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= least)) return [];
  return [`\`${name}\` must be an integer ≥ ${least}; got ${typeof value === 'number' ? value : kindOf(value)}`];
}

function unknownKeys(prefix: string, given: Readonly<Record<string, unknown>>, keys: ReadonlySet<string>): string[] {
  return Object.keys(given)
    .filter((key) => !keys.has(key))
    .map((key) => `\`${prefix}${key}\` is not an option`);
}

function isLogger(value: unknown): value is Logger {
  return isRecord(value) && typeof value['level'] === 'string' && LOG_METHODS.every((method) => typeof value[method] === 'function');
}
