import type { HeddleError } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { RuntimeEvent } from './event.ts';
import type { Logger } from './logger.ts';

/** Tells what no outcome tells, and calls what the user gave, so that neither can change what happens to a task. */
export class Reporter {
  readonly #logger: Logger;
  readonly #onEvent: ((event: RuntimeEvent) => void) | undefined;

  constructor(logger: Logger, onEvent: ((event: RuntimeEvent) => void) | undefined) {
    this.#logger = logger;
    this.#onEvent = onEvent;
  }

  /** To `onEvent` and to the logger. */
  tell(event: RuntimeEvent): void {
    const onEvent = this.#onEvent;
    if (onEvent !== undefined) this.guard('onEvent', undefined, () => onEvent(event));
    this.guard('logger', undefined, () => writeEvent(this.#logger, event));
  }

  /** Calls a callback of the user's; `undefined` when it threw, which is reported. */
  guard<R>(callback: string, taskId: string | undefined, call: () => R): R | undefined {
    try {
      return call();
    } catch (thrown) {
      this.#reportThrow(callback, taskId, toHeddleError(thrown));
      return undefined;
    }
  }

  #reportThrow(callback: string, taskId: string | undefined, error: HeddleError): void {
    if (taskId !== undefined) this.tell({ kind: 'callbackFailed', callback, error, taskId });
    // Where events go is what threw: nothing is left but the process's own warnings.
    else process.emitWarning(`\`${callback}\` threw: ${error.message}`, 'HeddleWarning');
  }
}

function writeEvent(logger: Logger, { kind, ...facts }: RuntimeEvent): void {
  const { error, ...rest } = facts as { readonly error?: HeddleError }; // of most kinds
  const fields = error === undefined ? rest : { ...rest, err: error };
  if (kind === 'zombieEnded') logger.info(fields, kind);
  else logger.warn(fields, kind);
}
