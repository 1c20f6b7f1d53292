/** What a call costs beside the action's own time. Milliseconds. */
export interface CallCosts {
  /** Of the main thread: check, queue, send, receive, settle. Calls on threads cannot come faster than that. */
  readonly hostMs: number;
  /** Of the thread it runs on: receive, answer, wait for the next. */
  readonly threadMs: number;
}

/**
 * How long a call must take inline for threads to be faster, in milliseconds; `undefined` where they never are.
 *
 * Calls of length t come out of n threads every max(host, (thread + t) / n, (host + thread + t) / cores), whichever is the narrowest:
 * the main thread, the threads, or the machine, on which the main thread has to run as well. Inline every t. Solved for t.
 */
export function breakEvenMs({ hostMs, threadMs }: CallCosts, threads: number, cores: number): number | undefined {
  if (threads < 2 || cores < 2) return undefined;
  return Math.max(hostMs, threadMs / (threads - 1), (hostMs + threadMs) / (cores - 1));
}
