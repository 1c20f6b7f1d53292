/**
 * How a coroutine is resumed, and how it stopped. A step is sent as a task whose params are a {@link StepInput}; its outcome carries a
 * {@link StepMark} in the place of a directive, unless it returned.
 */
export const STEP_NEXT = 0;
export const STEP_THROW = 1;
export const STEP_RETURN = 2;

/** What a suspended coroutine is told: go on with a value, throw at the `yield`, or clean up and end. */
export type StepInput =
  | readonly [op: typeof STEP_NEXT, value: unknown]
  | readonly [op: typeof STEP_THROW, thrown: ThrownInput]
  | readonly [op: typeof STEP_RETURN, type: 'cancelled' | 'timeout', message: string];

/** What is thrown into a coroutine: an error, encoded, or any other value. */
export type ThrownInput = { readonly error: import('./codec.ts').EncodedError } | { readonly value: unknown };

/**
 * `suspended`: the outcome's value was yielded. `unsent`: what was yielded did not clone, and the coroutine stands at its `yield`. Else it
 * threw: the bare `value` of a domain throw, an `error` (encoded), another value (`throw`).
 */
export type StepKind = 'suspended' | 'unsent' | 'value' | 'error' | 'throw';

/** Stands where an outcome has its directive, and says how a coroutine stopped. */
export class StepMark {
  // `instanceof` would ask the prototype of a proxy, and a directive of the user's may be one that answers nobody.
  readonly #mark = true;
  readonly kind: StepKind;
  /** Of a suspended one its decorations, else what it threw. */
  readonly data: unknown;

  constructor(kind: StepKind, data: unknown) {
    this.kind = kind;
    this.data = data;
  }

  /** Whether a directive is one. Never throws. */
  static is(directive: unknown): directive is StepMark {
    return typeof directive === 'object' && directive !== null && #mark in directive;
  }
}

function frozen(mark: StepMark): StepMark {
  Object.freeze(mark);
  return mark;
}

/** Suspended, and nothing decorates it: the common case. */
export const SUSPENDED: StepMark = frozen(new StepMark('suspended', null));

/** Yielded, and lost on the way: the outcome's error says what did not clone. */
export const UNSENT: StepMark = frozen(new StepMark('unsent', null));

/** What a stream is begun with. */
export interface StreamParams {
  readonly params: unknown;
  /** How many values it may yield before its reader has taken any. */
  readonly window: number;
}
