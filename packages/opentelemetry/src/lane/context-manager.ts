import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

/** The key under which every context in a lane has what enters another. */
const MANAGER: symbol = createContextKey('heddle.opentelemetry.manager');

/**
 * The context manager of a lane: that of the SDK, with a context for each attempt below all others. A propagator has no function of its own
 * to run inside a context, as `with` wants one: it enters the context, and the attempt's end leaves it.
 */
export class LaneContextManager extends AsyncLocalStorageContextManager {
  readonly #attempt = new AsyncLocalStorage<Context>();
  readonly #root: Context = ROOT_CONTEXT.setValue(MANAGER, this);

  /** That of a lane in whose contexts we are, if one is registered there. */
  static of(context: Context): LaneContextManager | undefined {
    const manager = context.getValue(MANAGER);
    return manager instanceof LaneContextManager ? manager : undefined;
  }

  get root(): Context {
    return this.#root;
  }

  override active(): Context {
    const active = super.active();
    return active === ROOT_CONTEXT ? (this.#attempt.getStore() ?? this.#root) : active;
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    // Who asks for the root means it, in an attempt too.
    return super.with<A, F>(context === ROOT_CONTEXT ? this.#root : context, fn, thisArg, ...args);
  }

  /** From here on, in this attempt. */
  enter(context: Context): void {
    this.#attempt.enterWith(context);
  }
}
