import {
  type Action,
  type ActionContext,
  type ActionMetadata,
  type ChildRef,
  HeddleError,
  type NestedArguments,
  type Outcome,
  type RemoteServices,
  type TaskLog,
} from '@heddle/core';

/** Runs an action on this very thread; what a nested `ctx.run` comes to. */
export type RunInline = (action: Action<never, unknown>, params: unknown, context: Readonly<Record<string, unknown>>) => Promise<Outcome>;

const NOTHING = (): void => {};
const NO_LOG: TaskLog = Object.freeze({ trace: NOTHING, debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING, fatal: NOTHING });
const NO_SERVICES: RemoteServices = Object.freeze({});

/**
 * The `ctx` of a call on the main thread, without a runtime: never cancelled, without a limit of time; its log and progress go nowhere.
 * A nested `run` is run inline as well. Source: SEMANTICS A-9.
 */
export class InlineContext implements ActionContext {
  readonly action: ActionMetadata;
  readonly context: Readonly<Record<string, unknown>>;
  readonly attempt = 1;
  readonly taskId = 'inline';
  readonly deadline: number = Number.POSITIVE_INFINITY;
  readonly #runInline: RunInline;
  #controller: AbortController | undefined;
  #cleanups: (() => unknown)[] | undefined;

  constructor(action: ActionMetadata, context: Readonly<Record<string, unknown>>, runInline: RunInline) {
    this.action = action;
    this.context = context;
    this.#runInline = runInline;
  }

  /** The cleanups that were deferred, last in first, or none. */
  static cleanupsOf(ctx: InlineContext): readonly (() => unknown)[] | undefined {
    return ctx.#cleanups?.reverse();
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  throwIfCancelled(): void {}

  remainingMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  get log(): TaskLog {
    return NO_LOG;
  }

  progress(): void {}

  /** Nothing has to be moved to where it is. */
  transfer(): void {}

  get services(): RemoteServices {
    return NO_SERVICES;
  }

  decorate(): () => void {
    throw this.#notInline('ctx.decorate');
  }

  defer(cleanup: () => unknown): void {
    this.#cleanups ??= [];
    this.#cleanups.push(cleanup);
  }

  run<P, V>(action: Action<P, V>, ...[params, context]: NestedArguments<P>): Promise<Outcome<V>> {
    // The action's own schema checks the params; the value has the type its definition gives it.
    return this.#runInline(action as Action<never, unknown>, params ?? {}, context ?? this.context) as Promise<Outcome<V>>;
  }

  start(): ChildRef<never> {
    throw this.#notInline('ctx.start');
  }

  spawn(): ChildRef<never> {
    throw this.#notInline('ctx.spawn');
  }

  #notInline(what: string): HeddleError {
    return new HeddleError('invalid_input', `\`${what}\` needs a runtime, and \`${this.action.name}\` was run without one`);
  }
}
