/** One lane, as far as its memory is known. */
export interface Holder<L> {
  readonly lane: L;
  /** What its thread holds, heap and Buffers; `undefined` where nobody can tell: Node 20, or a thread that is in native code. */
  readonly bytes: number | undefined;
  /** How long the newest task on it has run; `undefined` = it runs nothing. */
  readonly runningMs: number | undefined;
}

/** Below this share of the limit nobody is worth stopping: it would not help. */
const LEAST_SHARE = 0.1;

/**
 * Whom to stop when the process is past its limit: who holds the most, if that is enough to help. Where nobody can tell, whoever began
 * last of those that were running when memory was half way from its lowest to the limit: what began later cannot have done it, and what
 * began earlier was there before it grew. A guess, and no more.
 */
export function likeliestHolder<L>(holders: readonly Holder<L>[], limitBytes: number, halfWayMs: number): Holder<L> | undefined {
  let most: Holder<L> | undefined;
  for (const holder of holders) if ((holder.bytes ?? 0) > (most?.bytes ?? 0)) most = holder;
  if ((most?.bytes ?? 0) >= limitBytes * LEAST_SHARE) return most;
  const silent = holders.filter(({ bytes, runningMs }) => bytes === undefined && runningMs !== undefined).sort(byRunning);
  return silent.find(({ runningMs = 0 }) => runningMs >= halfWayMs) ?? silent.at(-1);
}

function byRunning<L>({ runningMs: first = 0 }: Holder<L>, { runningMs: second = 0 }: Holder<L>): number {
  return first - second;
}
