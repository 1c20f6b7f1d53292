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
  /** Of work whose params are an ArrayBuffer that is moved there and, where a peer can, back. */
  readonly moving?: Moving<P, V>;
}

/** Params that are gone once they are sent: what has to be known of them is read before. */
export interface Moving<P, V> {
  /** Params like these, to be sent away. */
  copy(params: P): P;
  mark(params: P): number;
  /** Throws unless `value` is the right answer to what had this mark; else gives the params of the next call. */
  next(mark: number, value: V): P;
}

/** What a call with these params moves. */
export function transferOf<P, V>({ moving }: Work<P, V>, params: P): ArrayBuffer[] | undefined {
  return moving === undefined ? undefined : [params as ArrayBuffer]; // see `Work.moving`
}

/** Says that a peer answered wrongly: its speed is then worth nothing. */
export function wrongAnswer(work: string, value: unknown): Error {
  return new Error(`${work}: a peer gave a wrong answer: ${JSON.stringify(value)}`);
}
