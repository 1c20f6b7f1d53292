import { HeddleError } from '@heddle/core';
import { abortReason } from '../signal-hub.ts';
import type { TaskOptions } from '../task-options.ts';
import type { ComposeHost } from './host.ts';
import type { ParsedComposeOptions } from './options.ts';
import { type StepPlace, stepError } from './step-error.ts';

/** What may end a chain or a plan before its time: the caller's signal, and the deadline. Must be closed. */
export interface Limit {
  /** For the tasks of all steps; their one signal stands for both. */
  readonly options: TaskOptions;
  /** Why no further step may begin, if so; `what` names the step. */
  refusal(what: string, place: StepPlace, details?: Readonly<Record<string, unknown>>): HeddleError | undefined;
  /** The error of a step, with its place; one that the deadline stopped says so. */
  errorOf(error: HeddleError, place: StepPlace): HeddleError;
  /** Lets go of timer and listener. */
  close(): void;
}

/** Opens the limit of one chain or plan (`whole`). Costs nothing where there is no deadline. */
export function openLimit(whole: 'chain' | 'plan', host: ComposeHost, { task, deadline }: ParsedComposeOptions): Limit {
  const { signal } = task;
  const isLate = (): boolean => deadline !== Number.POSITIVE_INFINITY && host.now() >= deadline;
  const timed = deadline === Number.POSITIVE_INFINITY ? undefined : openTimed(host, deadline, signal);
  return {
    options: timed === undefined ? task : { ...task, signal: timed.signal },
    refusal(what, place, details) {
      const cancelled = signal?.aborted === true;
      if (!cancelled && !isLate()) return undefined;
      const reason = cancelled ? abortReason(signal.reason) : 'deadline';
      const how = cancelled ? 'was cancelled' : 'ran past its `deadline`';
      return new HeddleError(cancelled ? 'cancelled' : 'timeout', `The ${whole} ${how} before step ${what}`, {
        details: { ...place, reason, ...details },
      });
    },
    errorOf(error, place) {
      if (error.type !== 'cancelled' || signal?.aborted === true || !isLate()) return stepError(error, place);
      const { retryable, cause = error, details } = error;
      const late = new HeddleError('timeout', `Action ${place.action} was stopped: the ${whole} ran past its \`deadline\``, {
        retryable,
        cause,
        details: { ...details, reason: 'deadline' },
      });
      return stepError(late, place);
    },
    close: () => timed?.close(),
  };
}

function openTimed(host: ComposeHost, deadline: number, signal: AbortSignal | undefined): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  const timer = host.after(Math.max(0, deadline - host.now()), () => controller.abort('deadline'));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const close = (): void => {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  };
  return { signal: controller.signal, close };
}
