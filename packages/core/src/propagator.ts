import { identityFaults, keyFaults, kindOf } from './definition.ts';
import { HeddleError } from './error.ts';
import { isRecord } from './record.ts';

// Registered, so that a propagator defined by another copy of this package is known.
const PROPAGATOR: unique symbol = Symbol.for('heddle.propagator') as never;

/** The attempt that something is attached to, in its lane. */
export interface AttachedAttempt {
  readonly taskId: string;
  /** The name of the action, or of the agent's definition. */
  readonly action: string;
  /** From 1. */
  readonly attempt: number;
  /**
   * What runs: an action; its `onError`, which makes a failed task good; a coroutine or a stream, attached once for all of its steps; a turn
   * of an agent.
   */
  readonly role: 'run' | 'onError' | 'coroutine' | 'stream' | 'agent';
  /**
   * Gives a cloneable value to `receive` on the host: over the lane's own port, so before the attempt's outcome if it is told before that.
   * What is told of a thread that is ended by force before it could post it is lost.
   *
   * @throws DataCloneError for what does not clone
   */
  tell(message: unknown): void;
}

/** What a propagator is defined by. */
export interface PropagatorDefinition<V> {
  /** `import.meta.url` of the file that exports the propagator: every lane imports that file. */
  readonly module: string;
  /** Letters, digits and underscores; begins with a letter. Unique in a runtime. */
  readonly name: string;
  /** Whether a failing `capture` or `attach`, or a module that does not load, fails the task instead of being reported. @defaultValue false */
  readonly strict?: boolean;
  /** On the host, in the caller's async context, once a task: a cloneable value, or `undefined` when there is nothing to carry. */
  capture(): V | undefined;
  /** In the lane, before each attempt of the task, synchronously. What it returns is called when the attempt has ended. */
  attach(value: V, attempt: AttachedAttempt): (() => void) | void;
  /** On the host: what was told in a lane, in the order it was told there. What it throws is reported. */
  receive?(message: unknown): void;
}

/**
 * Carries ambient state of the caller into the worker thread: frozen, made by {@link definePropagator}.
 * Source: SEMANTICS R-10.
 */
export interface Propagator<V = unknown> {
  readonly module: string;
  readonly name: string;
  readonly strict: boolean;
  capture(): V | undefined;
  attach(value: V, attempt: AttachedAttempt): (() => void) | void;
  receive(message: unknown): void;
}

const KEYS: ReadonlySet<string> = new Set(['module', 'name', 'strict', 'capture', 'attach', 'receive']);

/**
 * Defines a propagator: a module-level export, as an action is, because functions do not cross threads. It takes effect in the runtimes
 * that name it, `createRuntime({ propagators: [requestContext] })`.
 * Guarantees: what `capture` gave is there in every attempt of its task, retries included, and in no other task; values are attached in
 * the order of the runtime's list and detached last in, first out.
 *
 * @throws HeddleError `config_error` with every fault in its message and in `details.faults`
 * @example
 * ```ts
 * export const requestStore = new AsyncLocalStorage<{ requestId: string }>()
 * export const requestContext = definePropagator({
 *   module: import.meta.url,
 *   name: 'requestContext',
 *   capture: () => requestStore.getStore(),
 *   attach: (store) => requestStore.enterWith(store),
 * })
 * ```
 */
export function definePropagator<V>(definition: PropagatorDefinition<V>): Propagator<V> {
  const faults = propagatorFaults(definition);
  if (faults.length > 0) {
    const name: unknown = isRecord(definition) ? definition['name'] : undefined;
    const who = typeof name === 'string' ? `Propagator \`${name}\`` : 'A propagator';
    throw new HeddleError('config_error', `${who} is not well defined: ${faults.join('; ')}`, { details: { faults } });
  }
  const { module, name, strict = false } = definition;
  // Bound to the definition, so that they may use `this` as in any object literal.
  const capture = definition.capture.bind(definition);
  const attach = definition.attach.bind(definition);
  const receive = definition.receive?.bind(definition) ?? ignore;
  return Object.freeze({ module, name, strict, capture, attach, receive, [PROPAGATOR]: true });
}

/** Whether a value was made by {@link definePropagator}, of this copy of the package or another. Never throws. */
export function isPropagator(value: unknown): value is Propagator {
  try {
    return (
      typeof value === 'object' && value !== null && (value as { [PROPAGATOR]?: unknown })[PROPAGATOR] === true && Object.isFrozen(value)
    );
  } catch {
    return false;
  }
}

function propagatorFaults(given: unknown): string[] {
  if (!isRecord(given)) return [`\`definePropagator\` takes an object; got ${kindOf(given)}`];
  const { strict } = given;
  const faults = identityFaults(given);
  if (strict !== undefined && typeof strict !== 'boolean') faults.push(`\`strict\` must be a boolean; got ${kindOf(strict)}`);
  for (const key of ['capture', 'attach']) {
    if (typeof given[key] !== 'function') faults.push(`\`${key}\` must be a function; got ${kindOf(given[key])}`);
  }
  const { receive } = given;
  if (receive !== undefined && typeof receive !== 'function') faults.push(`\`receive\` must be a function; got ${kindOf(receive)}`);
  return [...faults, ...keyFaults(given, KEYS, 'a propagator')];
}

function ignore(): void {}
