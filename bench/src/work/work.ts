import type { Action } from '@heddle/core';

/** One piece of work, in the form each kind of peer takes. All forms run the same function. */
export interface Work<P, V> {
  /** The built file that exports the function `name`: what pools load. */
  readonly file: string;
  readonly name: string;
  /** The same as an action without a schema. */
  readonly action: Action<P, V>;
  /** The same as an action whose params and result are checked by schemas. */
  readonly checkedAction: Action<P, V>;
  /** Throws unless `value` is the right answer to `params`. Cheap: it runs for every call. */
  check(params: P, value: V): void;
}

/** Says that a peer answered wrongly: its speed is then worth nothing. */
export function wrongAnswer(work: string, value: unknown): Error {
  return new Error(`${work}: a peer gave a wrong answer: ${JSON.stringify(value)}`);
}
