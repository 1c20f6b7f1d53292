import { type Handle, HeddleError } from '@heddle/core';

const MAX_NAMED = 10;
const HINT = 'it goes on: wait again, raise `timeoutMs`, or cancel it';
const GROUP_HINT = 'they go on: wait again, raise `timeoutMs`, or cancel them';

/** The error of a wait for one target. `waitedMs` is the time that really passed. Source: SEMANTICS W-3. */
export function timeoutError(target: Handle, timeoutMs: number, waitedMs: number): HeddleError {
  const { id, status } = target;
  const queueLength = 'queueLength' in target && typeof target.queueLength === 'number' ? target.queueLength : undefined;
  const queue = queueLength === undefined ? '' : `, ${queueLength} signals waiting`;
  return new HeddleError('timeout', `Target ${id} (${status}${queue}) has not completed within ${timeoutMs}ms; ${HINT}`, {
    details: { target: id, status, ...(queueLength === undefined ? {} : { queueLength }), timeoutMs, waitedMs, hint: HINT },
  });
}

/** The error of a shared wait: how many of the targets are still to complete, and the first of them by name. */
export function groupTimeoutError(targets: readonly Handle[], done: ReadonlySet<Handle>, timeoutMs: number, waitedMs: number): HeddleError {
  const open = targets.filter((target) => !done.has(target) && target.status !== 'settled');
  const named = open.slice(0, MAX_NAMED).map(({ id, status }) => ({ target: id, status }));
  const list = named.map(({ target, status }) => `${target} (${status})`).join(', ');
  const more = open.length > named.length ? ', …' : '';
  const message = `${open.length} of ${targets.length} targets have not completed within ${timeoutMs}ms: ${list}${more}; ${GROUP_HINT}`;
  return new HeddleError('timeout', message, { details: { pending: named, pendingCount: open.length, timeoutMs, waitedMs } });
}
