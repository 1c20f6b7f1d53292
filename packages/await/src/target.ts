import { type ChildHolder, type Completable, type Completion, fail, type Handle, HeddleError, type Outcome, ok } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';

/** What may be waited for: a handle, or the nothing that a look-up found, which is answered by `not_found`. */
export type Target<V = unknown> = Handle<V> | undefined | null;

/** The type of the value that a handle's task ends with. */
export type HandleValue<T> = T extends Handle<infer V> ? V : never;

/** How a target completes: an agent by what its state holds, a task by what it ends with. */
export type CompletionOf<T> = T extends Completable<infer R> ? Completion<R, unknown> : Completion<HandleValue<T>>;

/**
 * The handle that a target is; else why it is none. Looks at its form alone: whether it is genuine is for whoever made it to say.
 * Never throws. Source: SEMANTICS W-3.
 */
export function parseTarget<H extends Handle>(target: H | undefined | null): Outcome<H> {
  return isHandle(target) ? ok(target) : fail(targetError(target));
}

function targetError(target: unknown): HeddleError {
  if (target === undefined || target === null) return new HeddleError('not_found', `There is no target: got ${kindOf(target)}`);
  // A name may well be somebody's, but a handle is the only way to them from here.
  if (typeof target === 'string')
    return new HeddleError('not_found', `No target goes by the name ${JSON.stringify(target)} here; pass its handle`);
  const got = isPromise(target) ? 'a promise' : kindOf(target);
  return new HeddleError('invalid_async_ref', `Invalid target: expected the handle that \`runtime.start\` gave, got ${got}`);
}

/** Whether a value has the form of a handle. Never throws. */
export function isHandle<H extends Handle>(target: H | undefined | null): target is H {
  try {
    if (typeof target !== 'object' || target === null) return false;
    const { id, status, outcome, cancel } = target as unknown as Readonly<Record<string, unknown>>; // its type is what is being checked
    return typeof id === 'string' && typeof status === 'string' && typeof outcome === 'function' && typeof cancel === 'function';
  } catch {
    return false;
  }
}

/** Whether a handle completes by its state. */
export function isCompletable(target: Handle): target is Handle & Completable {
  return 'completion' in target && typeof target.completion === 'function';
}

/** Whether a handle has children by tag. */
export function isChildHolder(target: Handle): target is Handle & ChildHolder {
  return 'children' in target && typeof target.children === 'function' && 'whenChild' in target && typeof target.whenChild === 'function';
}

function isPromise(value: unknown): boolean {
  try {
    return value instanceof Promise;
  } catch {
    return false;
  }
}
