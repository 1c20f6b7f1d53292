import type { HeddleError } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { RuntimeEvent } from './event.ts';
import type { ObserverSlot } from './inspect/observer.ts';
import type { Logger } from './logger.ts';
import { decodeError, encodeError } from './protocol/codec.ts';
import type { Redactor } from './redactor.ts';
import { publishEvent } from './telemetry/publish-event.ts';

/** Tells what no outcome tells, and calls what the user gave, so that neither can change what happens to a task. */
export class Reporter {
  readonly #logger: Logger;
  readonly #onEvent: ((event: RuntimeEvent) => void) | undefined;
  readonly #runtime: string;
  readonly #redactor: Redactor;
  readonly #observed: ObserverSlot;

  constructor(
    logger: Logger,
    onEvent: ((event: RuntimeEvent) => void) | undefined,
    runtime: string,
    redactor: Redactor,
    observed: ObserverSlot,
  ) {
    this.#logger = logger;
    this.#onEvent = onEvent;
    this.#runtime = runtime;
    this.#redactor = redactor;
    this.#observed = observed;
  }

  /** To `onEvent`, to telemetry and to the logger; to `onEvent` alone when it is of a task with `telemetry: 'silent'`. */
  tell(event: RuntimeEvent, silent = false): void {
    const onEvent = this.#onEvent;
    if (onEvent !== undefined) this.guard('onEvent', undefined, () => onEvent(event));
    if (silent) return;
    this.#observed.current?.told(event);
    publishEvent(this.#runtime, event);
    this.guard('logger', undefined, () => writeEvent(this.#logger, event, this.#redactor));
  }

  /** Calls a callback of the user's; `undefined` when it threw, which is reported. */
  guard<R>(callback: string, taskId: string | undefined, call: () => R, silent = false): R | undefined {
    try {
      return call();
    } catch (thrown) {
      this.#reportThrow(callback, taskId, toHeddleError(thrown), silent);
      return undefined;
    }
  }

  #reportThrow(callback: string, taskId: string | undefined, error: HeddleError, silent: boolean): void {
    if (taskId !== undefined) this.tell({ kind: 'callbackFailed', callback, error, taskId }, silent);
    // Where events go is what threw: nothing is left but the process's own warnings.
    else process.emitWarning(`\`${callback}\` threw: ${error.message}`, 'HeddleWarning');
  }
}

function writeEvent(logger: Logger, { kind, ...facts }: RuntimeEvent, redactor: Redactor): void {
  const { error, ...rest } = facts as { readonly error?: HeddleError }; // of most kinds
  const fields = error === undefined ? rest : { ...rest, err: decodeError(redactor.error(encodeError(error))) };
  if (kind === 'zombieEnded') logger.info(fields, kind);
  else logger.warn(fields, kind);
}
