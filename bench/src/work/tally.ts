/** Who sends to each of them. */
export const SENDERS = 10;

/** One of a sender's signals; its first is number 1. */
export interface TallySignal {
  readonly sender: number;
  readonly number: number;
}

/** What has arrived of what is expected. */
export interface Tally {
  readonly status: string;
  readonly expected: number;
  readonly seen: number;
  /** The latest number of each sender. */
  readonly latest: number[];
  readonly lastAnswer?: number;
}

/** One to which nothing has been sent. */
export function emptyTally(expected: number): Tally {
  return { status: 'open', expected, seen: 0, latest: Array.from({ length: SENDERS }, () => 0) };
}

/** Takes a signal, which must be its sender's next: a lost one, one that comes twice and one that comes too early all throw. */
export function take(tally: Readonly<Tally>, { sender, number }: TallySignal): Tally {
  const latest = [...tally.latest];
  if (latest[sender] !== number - 1) throw new Error(`${number} of sender ${sender} came after ${latest[sender]}`);
  latest[sender] = number;
  const seen = tally.seen + 1;
  return seen === tally.expected ? { ...tally, latest, seen, status: 'completed', lastAnswer: seen } : { ...tally, latest, seen };
}
