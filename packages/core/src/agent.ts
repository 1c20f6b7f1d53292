import type { Static, TSchema } from '@sinclair/typebox';
import { toJsonSchema } from './action.ts';
import type { AgentContext, StandardSignals } from './agent-context.ts';
import { checkAgentDefinition } from './agent-definition.ts';
import type { ActionMetadata } from './context.ts';
import type { Failure } from './outcome.ts';
import type { ParamsInput } from './type.ts';

// Registered, so that an agent defined by another copy of this package is known.
const AGENT: unique symbol = Symbol.for('heddle.agent') as never;

/**
 * Handles one signal: gives the new state, whole, or nothing to keep the one there is. The state it is given is frozen. What it throws,
 * `fail(…)`, a state that the schema refuses and a timeout are the signal's failure, and leave the state as it was.
 */
export type SignalHandler<State, Data> = (
  state: Readonly<State>,
  data: Data,
  ctx: AgentContext,
) => State | Failure | undefined | void | Promise<State | Failure | undefined | void>;

/** What a failing handler does to its agent: it ends, it goes on with the state it had, or it is restarted with that state, not too often. */
export type FailurePolicy = 'stop' | 'continue' | 'restart';

/** How often an agent may be restarted; one more ends it. */
export interface RestartLimit {
  /** @defaultValue 3 */
  readonly max?: number;
  /** Milliseconds in which they are counted. @defaultValue 5000 */
  readonly withinMs?: number;
}

/** The limits of an agent; its definition's, below those given when it is started. */
export interface AgentLimits {
  /** @defaultValue 'stop' */
  readonly failurePolicy?: FailurePolicy;
  readonly restart?: RestartLimit;
  /** Signals that may wait; one more is `overloaded` to its sender. @defaultValue 10000 */
  readonly mailboxLimit?: number;
  /** Milliseconds for one handler. @defaultValue 5000 */
  readonly timeoutMs?: number;
}

/** What the handlers of an agent must be: of a signal with a schema and of a standard one, for their data; else for what they declare. */
export type AgentHandlers<State, Schemas> = {
  readonly [K in keyof Schemas]: SignalHandler<State, Schemas[K] extends TSchema ? Static<Schemas[K]> : never>;
} & {
  readonly [K in keyof StandardSignals]?: SignalHandler<State, StandardSignals[K]>;
} & {
  // Data is each handler's own: nothing can be given to all of them.
  readonly [signal: string]: SignalHandler<State, never>;
};

/** What a sender gives with a signal: as its schema says, else as its handler declares. */
export type SentData<Signal, Handler, Schemas> = Signal extends keyof Schemas
  ? Schemas[Signal] extends TSchema
    ? ParamsInput<Schemas[Signal]>
    : never
  : Signal extends keyof StandardSignals
    ? StandardSignals[Signal]
    : DataOf<Handler>;

/** A handler that does not look at its data takes anything. */
type DataOf<Handler> = Handler extends (state: never, data: infer Data, ...rest: never[]) => unknown
  ? [Data] extends [never]
    ? unknown
    : Data
  : unknown;

/** What {@link defineAgent} takes. `Schemas` is the type of `signals`, `Handlers` that of `on`. */
export interface AgentDescription<S extends TSchema, Handlers, Schemas extends Readonly<Record<string, TSchema>>> extends AgentLimits {
  /** `import.meta.url` of the file that exports the agent: the worker imports that file. */
  readonly module: string;
  /** Letters, digits and underscores; begins with a letter. */
  readonly name: string;
  readonly description?: string;
  readonly category?: string;
  readonly tags?: readonly string[];
  readonly vsn?: string;
  /** Of the state, an object. Checked openly after each handler; defaults are filled. */
  readonly schema: S;
  /** Below what it is started with, key by key. */
  readonly initialState?: NoInfer<Partial<ParamsInput<S>>>;
  /** Of the data of signals, checked where they are sent. One without a schema takes anything. */
  readonly signals?: Schemas;
  /** The handlers, by signal. */
  readonly on: Handlers;
}

/**
 * A module-level definition of an agent: frozen, made by {@link defineAgent}. `State` is what it keeps, `Signals` what may be sent to it.
 * Source: SEMANTICS W-1.
 */
export interface AgentDefinition<State = unknown, Signals = unknown> extends ActionMetadata {
  readonly schema: TSchema;
  readonly signals: Readonly<Record<string, TSchema>>;
  readonly initialState: Readonly<Record<string, unknown>>;
  readonly failurePolicy: FailurePolicy;
  readonly restart: Required<RestartLimit>;
  readonly mailboxLimit: number;
  readonly timeoutMs: number;
  /** The handlers; the lane's business. */
  readonly on: Readonly<Record<string, SignalHandler<never, never>>>;
  /** Types only; never there at run time. */
  readonly '~types'?: { state: State; signals: Signals };
  toJSON(): AgentJSON;
}

/** The plain-data form of an agent; schemas as JSON Schema. */
export interface AgentJSON extends ActionMetadata {
  readonly kind: 'agent';
  readonly failurePolicy: FailurePolicy;
  readonly restart: Required<RestartLimit>;
  readonly mailboxLimit: number;
  readonly timeoutMs: number;
  readonly schema: unknown;
  /** What it handles, each with the schema of its data; without one `{}`. */
  readonly signals: Readonly<Record<string, unknown>>;
}

/**
 * Defines an agent: a state that lives in a worker thread, and the signals that change it, one at a time. State, signals and their data are
 * inferred. Every fault of the definition is reported at once, here.
 * Source: SEMANTICS W-1.
 *
 * @throws HeddleError `config_error`, listing all faults
 * @example
 * ```ts
 * export const counter = defineAgent({
 *   module: import.meta.url,
 *   name: 'counter',
 *   schema: Type.Object({ count: Type.Integer({ default: 0 }) }),
 *   on: { add: (state, data: { by: number }) => ({ ...state, count: state.count + data.by }) },
 * })
 * ```
 */
export function defineAgent<
  S extends TSchema,
  Handlers extends AgentHandlers<Static<S>, Schemas>,
  Schemas extends Readonly<Record<string, TSchema>> = Readonly<Record<never, never>>,
>(
  definition: AgentDescription<S, Handlers, Schemas>,
): AgentDefinition<Static<S>, { [K in keyof Handlers]: SentData<K, Handlers[K], Schemas> }> {
  const { metadata, on, schema, signals, initialState, failurePolicy, restart, mailboxLimit, timeoutMs } = checkAgentDefinition(definition);
  const limits = { failurePolicy, restart, mailboxLimit, timeoutMs };
  const toJSON = (): AgentJSON => ({
    ...metadata,
    kind: 'agent',
    ...limits,
    schema: toJsonSchema(schema),
    signals: Object.fromEntries(Object.keys(on).map((signal) => [signal, toJsonSchema(signals[signal] ?? {})])),
  });
  return Object.freeze({ ...metadata, ...limits, schema, signals, initialState, on, toJSON, [AGENT]: true });
}

/** Whether a value was made by {@link defineAgent}, of this copy of the package or another. Never throws. */
export function isAgent(value: unknown): value is AgentDefinition {
  try {
    return typeof value === 'object' && value !== null && (value as { [AGENT]?: unknown })[AGENT] === true && Object.isFrozen(value);
  } catch {
    return false;
  }
}
