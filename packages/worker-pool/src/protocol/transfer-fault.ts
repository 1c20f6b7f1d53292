import { HeddleError } from '@heddle/core';

/**
 * What keeps a transfer list from being sent: a buffer that was moved away before, or one that stands in it twice. Node 20 sends the first
 * without a word, as a message that no thread can read. Source: SEMANTICS.
 */
export function transferFault(action: string, transfer: readonly unknown[]): HeddleError | undefined {
  const index = transfer.findIndex((item, at) => transfer.indexOf(item) < at || isDetached(item));
  if (index === -1) return undefined;
  const path = `transfer[${index}]`;
  const what = transfer.indexOf(transfer[index]) < index ? 'stands in it twice' : 'was transferred before and is empty now';
  return new HeddleError('uncloneable', `Action ${action}: \`${path}\` ${what}; list each object once, and make a new one for each task`, {
    details: { action, path },
  });
}

/** Whether a buffer has been moved away. Node 20 has no word for it, and would send an empty one. */
export function isDetached(item: unknown): boolean {
  if (!(item instanceof ArrayBuffer) || item.byteLength > 0) return false;
  try {
    return new Uint8Array(item).byteLength > 0;
  } catch {
    return true; // an empty buffer can be looked at, a detached one cannot
  }
}
