import { type ChildHolder, type Completion, fail, type Handle, HeddleError, type Outcome, ok } from '@heddle/core';
import { isChildHolder, parseTarget, type Target } from './target.ts';
import { timeoutError } from './timeout-error.ts';
import { waitFor } from './wait.ts';
import { DEFAULT_WAIT_MS, type WaitOptions, waitFault } from './wait-options.ts';

/**
 * Waits for the child of a tag: until it is there, and then until it has completed, both within the one time.
 * Not ok is what kept the wait from its end, as of `completion`; a parent that is dead, or dies first, is `not_found`. Never rejects.
 * Source: SEMANTICS W-5.
 *
 * @example
 * ```ts
 * const done = await child(coordinator, 'worker_1', 30_000)
 * ```
 */
export async function child(
  parent: Target,
  tag: string,
  timeoutMs: number = DEFAULT_WAIT_MS,
  options: WaitOptions = {},
): Promise<Outcome<Completion<unknown, unknown>>> {
  const fault = waitFault(timeoutMs, options) ?? tagFault(tag);
  if (fault !== undefined) return fail(fault);
  const holder = parseHolder(parent);
  if (!holder.ok) return holder;
  const startedMs = performance.now();
  const { signal } = options;
  const appeared = await holder.value.whenChild(tag, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
  if (!appeared.ok) return appeared;
  // A whole child's worth of time is never given twice; what has just appeared is looked at even with nothing left.
  const leftMs = Math.max(0, timeoutMs - (performance.now() - startedMs));
  const done = await waitFor(appeared.value, leftMs, options);
  if (done.ok || done.error.type !== 'timeout') return done;
  return fail(timeoutError(appeared.value, timeoutMs, performance.now() - startedMs));
}

/** The child of a tag, now; a `child_not_found` when there is none. Never throws. Source: SEMANTICS W-5. */
export function getChild(parent: Target, tag: string): Outcome<Handle> {
  const fault = tagFault(tag);
  if (fault !== undefined) return fail(fault);
  const children = getChildren(parent);
  if (!children.ok) return children;
  const found = children.value.get(tag);
  if (found !== undefined) return ok(found);
  const tags = [...children.value.keys()];
  const has = tags.length === 0 ? 'it has none' : `it has ${tags.join(', ')}`;
  return fail(new HeddleError('child_not_found', `${parent?.id} has no child of the tag ${tag}: ${has}`, { details: { tag, tags } }));
}

/** The children of a parent by tag, now. A parent that is dead, or no parent at all, is an error. Never throws. Source: SEMANTICS W-5. */
export function getChildren(parent: Target): Outcome<ReadonlyMap<string, Handle>> {
  const holder = parseHolder(parent);
  if (!holder.ok) return holder;
  try {
    return holder.value.children();
  } catch (cause) {
    return fail(new HeddleError('internal_error', 'A handle threw when asked for its children', { cause }));
  }
}

function parseHolder(parent: Target): Outcome<Handle & ChildHolder> {
  const handle = parseTarget(parent);
  if (!handle.ok) return handle;
  if (isChildHolder(handle.value)) return ok(handle.value);
  return fail(new HeddleError('invalid_async_ref', `Invalid parent: ${handle.value.id} is no agent, and only agents have children by tag`));
}

function tagFault(tag: unknown): HeddleError | undefined {
  if (typeof tag === 'string' && tag !== '') return undefined;
  return new HeddleError('invalid_input', '`tag` must be a string that is not empty');
}
