/** Something that was started. */
export interface Entry {
  readonly what: string;
  /** Round, part and runtime it was started in. */
  readonly place: string;
  readonly sinceMs: number;
  /** Where it stands now, for when it does not end. */
  readonly where: (() => string) | undefined;
}

/** How often what was started has ended in which way. */
export type Ends = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Complaints that are alike but for their numbers, at the most. */
const ALIKE = 3;

/** Everything that was started, until it has ended: once, and in a way that its kind allows. */
export class Ledger {
  readonly #open = new Set<Entry>();
  readonly #ends = new Map<string, Map<string, number>>();
  readonly #now: () => number;
  readonly #onComplaint: (text: string) => void;
  /** The first few of each sort, in words. */
  readonly complaints: string[] = [];
  readonly #alike = new Map<string, number>();
  /** Ended in a way that its kind does not allow, and whatever else is not as it should be. */
  wrongs = 0;
  /** Ended twice. */
  doubles = 0;
  started = 0;
  ended = 0;

  /** `onComplaint` is told of the first few of each sort. */
  constructor(now: () => number, onComplaint: (text: string) => void) {
    this.#now = now;
    this.#onComplaint = onComplaint;
  }

  /** Started and not ended. */
  get open(): number {
    return this.#open.size;
  }

  get ends(): Ends {
    const sorted = [...this.#ends].sort(([first], [second]) => (first < second ? -1 : 1));
    return Object.fromEntries(sorted.map(([what, types]) => [what, Object.fromEntries(types)]));
  }

  /** Takes down that something starts. */
  begin(what: string, place: string, where?: () => string): Entry {
    const entry = { what, place, where, sinceMs: this.#now() };
    this.#open.add(entry);
    this.started++;
    return entry;
  }

  /** Takes down how it ended. `detail` is for the complaint. */
  end(entry: Entry, type: string, allowed: readonly string[], detail = ''): void {
    if (!this.#open.delete(entry)) {
      this.doubles++;
      this.complain(`${entry.place}: ${entry.what} ended twice, at last with ${type} ${detail}`);
      return;
    }
    this.ended++;
    const types = this.#ends.get(entry.what) ?? new Map<string, number>();
    types.set(type, (types.get(type) ?? 0) + 1);
    this.#ends.set(entry.what, types);
    if (!allowed.includes(type)) this.complain(`${entry.place}: ${entry.what} may end with ${allowed.join(', ')}; ${type} came ${detail}`);
  }

  complain(text: string): void {
    this.wrongs++;
    const sort = text
      .replace(/\d+/g, '')
      .replace(/^round , part .*? \(/, '(')
      .slice(0, 160);
    const count = (this.#alike.get(sort) ?? 0) + 1;
    this.#alike.set(sort, count);
    if (count > ALIKE) return;
    this.complaints.push(text);
    this.#onComplaint(text);
  }

  /** Those that have been open for longer than that, in words. */
  overdue(boundMs: number): string[] {
    const now = this.#now();
    return [...this.#open]
      .filter(({ sinceMs }) => now - sinceMs > boundMs)
      .map(
        ({ what, place, sinceMs, where }) =>
          `${place}: ${what} has not ended for ${Math.round((now - sinceMs) / 1000)} s; ${where?.() ?? ''}`,
      );
  }
}
