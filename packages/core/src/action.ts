import type { Static, TSchema } from '@sinclair/typebox';
import type { ActionContext, ActionMetadata } from './context.ts';
import { checkDefinition } from './definition.ts';
import type { HeddleError } from './error.ts';
import type { Failure, Success } from './outcome.ts';
import type { ParamsInput } from './type.ts';

// Registered, so that an action defined by another copy of this package (a bundled one, a transpiled one) is known.
const ACTION: unique symbol = Symbol.for('heddle.action') as never;

/** How an action is made good again after its last attempt failed. Source: SEMANTICS R-7. */
export interface CompensationOptions {
  /** @defaultValue `false` */
  readonly enabled?: boolean;
  /** How often the compensation itself is tried again. @defaultValue 1 */
  readonly maxRetries?: number;
  /** Milliseconds for one try. @defaultValue 5000 */
  readonly timeoutMs?: number;
}

/** What every task of an action starts from, below the call's own options. */
export interface ActionDefaults {
  /** Milliseconds for one attempt, from when it begins. `Infinity` = no limit. */
  readonly timeoutMs?: number;
  readonly maxRetries?: number;
  /** Milliseconds before the first retry; doubles with each. */
  readonly backoffMs?: number;
  /** Whether to try again after this error; on the main thread. `attempt` is the one that failed, from 1. */
  readonly retryIf?: (error: HeddleError, attempt: number) => boolean;
}

/** What a hook may give back: the new value, an outcome, or nothing to keep what it was given. */
export type HookResult<V> = V | Success<V> | Failure | undefined | void;

/** The parts of a definition that don't depend on its types. */
export interface ActionDescription {
  /** `import.meta.url` of the file that exports the action: the worker imports that file. */
  readonly module: string;
  /** Letters, digits and underscores; begins with a letter. */
  readonly name: string;
  readonly description?: string;
  readonly category?: string;
  readonly tags?: readonly string[];
  readonly vsn?: string;
  readonly compensation?: CompensationOptions;
  readonly defaults?: ActionDefaults;
  /** Of a coroutine: what may resume it. Checked where it is resumed, before the thread hears of it; openly, and defaults are filled. */
  readonly resumeSchema?: TSchema;
}

/** The hooks of an attempt, in the order they run; all in the worker. Each may replace the value or fail. Source: SEMANTICS A-4. */
export interface ActionHooks<P, V> {
  onBeforeValidateParams?(params: Record<string, unknown>, ctx: ActionContext): HookResult<unknown> | Promise<HookResult<unknown>>;
  onAfterValidateParams?(params: P, ctx: ActionContext): HookResult<P> | Promise<HookResult<P>>;
  onAfterRun?(value: V, ctx: ActionContext): HookResult<V> | Promise<HookResult<V>>;
  onAfterValidateOutput?(value: V, ctx: ActionContext): HookResult<V> | Promise<HookResult<V>>;
  /**
   * Makes good what a failed task did, once, after its last attempt: where `compensation.enabled`, and only if `run` had begun.
   * `params` are those the caller gave, before hooks and defaults; `options` the call's, as plain data. What it returns is the
   * compensation's result; `fail(…)` or a throw says that it did not succeed, and may be tried again. Source: SEMANTICS R-7.
   */
  onError?(
    params: Readonly<Record<string, unknown>>,
    error: HeddleError,
    context: Readonly<Record<string, unknown>>,
    options: Readonly<Record<string, unknown>>,
    ctx: ActionContext,
  ): unknown;
}

/** A definition whose params are described by a schema. */
export interface SchemaDefinition<S extends TSchema, O extends TSchema | undefined, R>
  extends ActionDescription,
    ActionHooks<Static<S>, ValueOf<O, R>> {
  /** Checked openly: keys it does not name pass through untouched. Source: SEMANTICS A-3. */
  readonly schema: S;
  readonly outputSchema?: O;
  run(params: Static<S>, ctx: ActionContext): R;
}

/** A definition without a schema: params are as `run` declares them. */
export interface PlainDefinition<P, O extends TSchema | undefined, R> extends ActionDescription, ActionHooks<P, ValueOf<O, R>> {
  readonly schema?: undefined;
  readonly outputSchema?: O;
  run(params: P, ctx: ActionContext): R;
}

/** The value a task ends with: the output schema's type where there is one, else what `run` gives, promises and outcomes unwrapped. */
export type ValueOf<O extends TSchema | undefined, R> = O extends TSchema ? Static<O> : ResultValue<Awaited<R>>;

/** Takes `ok(…)` apart and leaves `fail(…)` out; distributes over unions. */
export type ResultValue<A> = A extends Failure ? never : A extends Success<infer V> ? V : A;

/** `plain` actions run to their end; a `coroutine` (a generator) yields and is resumed. */
export type ActionKind = 'plain' | 'coroutine';

interface AnyAction extends ActionMetadata {
  readonly compensation: Required<CompensationOptions>;
  readonly defaults: ActionDefaults;
  readonly schema: TSchema | undefined;
  readonly outputSchema: TSchema | undefined;
  readonly resumeSchema: TSchema | undefined;
  /** The parts that run; the lane's business. */
  readonly hooks: ActionHooks<never, never>;
  readonly run: (params: never, ctx: ActionContext) => unknown;
  toJSON(): ActionJSON;
}

/**
 * A module-level definition of work: frozen, made by {@link defineAction}. `Params` is what a caller gives, `Value` what the task ends with.
 * Source: SEMANTICS A-1.
 */
export interface Action<Params = never, Value = unknown> extends AnyAction {
  readonly kind: 'plain';
  /** Types only; never there at run time. */
  readonly '~types'?: { params(params: Params): void; value: Value };
}

/** An action whose `run` is a generator. It is run by `runtime.coroutine` and `runtime.stream`, not by `run`, `start` or `map`. */
export interface CoroutineAction<Params = never, Yield = unknown, Value = unknown, Resume = never> extends AnyAction {
  readonly kind: 'coroutine';
  /** Types only; never there at run time. */
  readonly '~types'?: { params(params: Params): void; yields: Yield; value: Value; resumes(value: Resume): void };
}

/** The action that a definition makes, by what its `run` returns. `never` and `any`, which extend everything, are no generators. */
export type ActionOf<Params, O extends TSchema | undefined, R> = [R] extends [never]
  ? Action<Params, never>
  : 0 extends 1 & R
    ? Action<Params, ValueOf<O, R>>
    : [R] extends [Generator<infer Y, infer V, infer N> | AsyncGenerator<infer Y, infer V, infer N>]
      ? CoroutineAction<Params, Y, ResultValue<V>, N>
      : Action<Params, ValueOf<O, R>>;

/** The plain-data form of an action; schemas as JSON Schema. Source: SEMANTICS A-7. */
export interface ActionJSON extends ActionMetadata {
  readonly kind: ActionKind;
  readonly compensation: Required<CompensationOptions>;
  readonly schema?: unknown;
  readonly outputSchema?: unknown;
  readonly resumeSchema?: unknown;
}

/**
 * Defines an action. Params, value and the caller's types are inferred; nothing needs to be written twice.
 * Every fault of the definition is reported at once, here, not at the first run.
 * Source: SEMANTICS.
 *
 * @throws HeddleError `config_error`, listing all faults
 * @example
 * ```ts
 * export const resize = defineAction({
 *   module: import.meta.url,
 *   name: 'resize',
 *   schema: Type.Object({ path: Type.String(), width: Type.Integer({ minimum: 1, default: 320 }) }),
 *   run: async ({ path, width }, ctx) => ({ bytes: await work(path, width, ctx.signal) }),
 * })
 * ```
 */
export function defineAction<S extends TSchema, R, O extends TSchema | undefined = undefined>(
  definition: SchemaDefinition<S, O, R>,
): ActionOf<ParamsInput<S>, O, R>;
export function defineAction<R, P = Readonly<Record<string, unknown>>, O extends TSchema | undefined = undefined>(
  definition: PlainDefinition<P, O, R>,
): ActionOf<P, O, R>;
export function defineAction(definition: unknown): unknown {
  const checked = checkDefinition(definition);
  const { name, module, description, category, tags, vsn, kind, compensation, defaults, schema, outputSchema, resumeSchema, hooks, run } =
    checked;
  const metadata = {
    name,
    module,
    ...(description === undefined ? {} : { description }),
    ...(category === undefined ? {} : { category }),
    tags,
    ...(vsn === undefined ? {} : { vsn }),
  };
  const toJSON = (): ActionJSON => ({
    ...metadata,
    kind,
    compensation,
    ...(schema === undefined ? {} : { schema: toJsonSchema(schema) }),
    ...(outputSchema === undefined ? {} : { outputSchema: toJsonSchema(outputSchema) }),
    ...(resumeSchema === undefined ? {} : { resumeSchema: toJsonSchema(resumeSchema) }),
  });
  return Object.freeze({
    ...metadata,
    kind,
    compensation,
    defaults,
    schema,
    outputSchema,
    resumeSchema,
    hooks,
    run,
    toJSON,
    [ACTION]: true,
  });
}

/** Whether a value was made by {@link defineAction}, of this copy of the package or another. Never throws. */
export function isAction(value: unknown): value is Action | CoroutineAction {
  try {
    return typeof value === 'object' && value !== null && (value as { [ACTION]?: unknown })[ACTION] === true && Object.isFrozen(value);
  } catch {
    return false;
  }
}

/** The metadata of an action alone, without the parts that run. */
export function metadataOf(action: ActionMetadata): ActionMetadata {
  const { name, module, description, category, tags, vsn } = action;
  return Object.freeze({
    name,
    module,
    tags,
    ...(description === undefined ? {} : { description }),
    ...(category === undefined ? {} : { category }),
    ...(vsn === undefined ? {} : { vsn }),
  });
}

/** A schema as plain JSON Schema. */
// TypeBox schemas are JSON Schema with symbols beside; a trip through JSON drops exactly those. JSON has no bigints: limits and defaults of such become text.
export function toJsonSchema(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
}
