import { once } from 'node:events';
import type { Shell } from '../shell/shell.ts';
import { jsonLine } from './step-line.ts';

/**
 * Writes each value of a stream to stdout as a line of JSON, as it comes. No more is read than stdout takes; when its reader has gone, the
 * stream is left, which cancels it and waits for its cleanup.
 *
 * Rejects with the stream's error, and with `execution_error` for a value that is no JSON.
 */
export async function streamValues(values: AsyncIterable<unknown>, { stdout }: Pick<Shell, 'stdout'>): Promise<void> {
  const gone = new AbortController();
  // Never taken off: what was written last may fail after the last value was read.
  stdout.once('error', () => gone.abort());
  for await (const value of values) {
    if (gone.signal.aborted) break;
    if (!stdout.write(jsonLine(value, 'A yielded value'))) await drained(stdout, gone.signal);
  }
}

async function drained(stdout: Shell['stdout'], signal: AbortSignal): Promise<void> {
  try {
    await once(stdout, 'drain', { signal });
  } catch {
    // Its reader has gone: the loop sees that.
  }
}
