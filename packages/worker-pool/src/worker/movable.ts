import { HeddleError } from '@heddle/core';

/**
 * What is moved for an argument of `ctx.transfer`. What else Node cannot move, it says itself when the result is posted.
 *
 * @throws HeddleError `invalid_input`
 */
export function movable(object: unknown, index: number): object {
  const found = ArrayBuffer.isView(object) ? object.buffer : object;
  if (typeof found !== 'object' || found === null) throw unfit(index, found === null ? 'is null' : `is a ${typeof found}`);
  if (found instanceof SharedArrayBuffer) throw unfit(index, 'is shared memory, which is never copied and need not be moved');
  if (found instanceof ArrayBuffer && isDetached(found)) throw unfit(index, 'is an ArrayBuffer that has been moved away already');
  return found;
}

/** Node 20 has no word for it, and would send an empty one. */
function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).length > 0;
  } catch {
    return true;
  }
}

function unfit(index: number, what: string): HeddleError {
  return new HeddleError('invalid_input', `\`ctx.transfer\` takes objects that can be moved; argument ${index + 1} ${what}`);
}
