import { type Action, defineAction, fail, HeddleError, isAction, isOutcome, type Outcome, ok } from '@heddle/core';
import type { ComposeHost } from '../../src/compose/host.ts';
import type { TaskOptions } from '../../src/task-options.ts';

/** One run that was asked for. */
export interface AskedRun {
  readonly name: string;
  readonly params: unknown;
  readonly context: unknown;
  readonly options: TaskOptions;
}

/** What an action of a fake host does. What it throws rejects the run, as a closed runtime does. */
export type Behaviour = (params: never, options: TaskOptions) => unknown;

/** A host that runs what a test tells it to, by the action's name, and keeps what it was asked. */
export class FakeHost implements ComposeHost {
  readonly asked: AskedRun[] = [];
  readonly #behaviours: Readonly<Record<string, Behaviour>>;

  constructor(behaviours: Readonly<Record<string, Behaviour>> = {}) {
    this.#behaviours = behaviours;
  }

  async run(action: Action, params: unknown, context: unknown, options: TaskOptions): Promise<Outcome> {
    const { name } = action;
    this.asked.push({ name, params, context, options });
    const result = await this.#behaviours[name]?.(params as never, options);
    return isOutcome(result) ? result : ok(result);
  }

  actionFault(action: unknown): HeddleError | undefined {
    return isAction(action) ? undefined : new HeddleError('invalid_action', 'Got something instead of an action');
  }

  checkRoute(options: TaskOptions | undefined): void {
    if (options?.instance !== undefined) throw new HeddleError('not_found', `There is no instance ${options.instance}`);
  }

  /** The names of the actions that were run, in order. */
  get names(): readonly string[] {
    return this.asked.map(({ name }) => name);
  }
}

/** An action by name alone: a fake host does the rest. */
export function named(name: string): Action<Readonly<Record<string, unknown>>, unknown> {
  return defineAction({ module: import.meta.url, name, run: (): unknown => undefined });
}

/** Ends as a task does that is cancelled when its signal fires. */
export function untilAborted(options: TaskOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    options.signal?.addEventListener('abort', () => resolve(fail(new HeddleError('cancelled', 'Action was cancelled'))), { once: true });
  });
}
