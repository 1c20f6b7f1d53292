import type { HeddleError } from '@heddle/core';
import type { Row } from '../input/row.ts';
import { faultsOf, faultText } from '../shell/error-text.ts';

const SLOWEST = 5;
const FIRST_FAILURES = 5;

/** A row that took long. */
export interface SlowRow {
  readonly index: number;
  readonly id: unknown;
  readonly ms: number;
}

/** A row that failed, as it is shown. */
export interface FailedRow {
  readonly index: number;
  readonly line: number;
  readonly id: unknown;
  readonly type: string;
  readonly message: string;
}

/** Counts settled rows as they come. */
export class Tally {
  #ok = 0;
  #failed = 0;
  #busyMs = 0;
  readonly #types: Record<string, number> = {};
  /** The slowest so far, slowest first. */
  readonly #slowest: SlowRow[] = [];
  readonly #firstFailures: FailedRow[] = [];

  get ok(): number {
    return this.#ok;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Milliseconds of all tasks, added up. */
  get busyMs(): number {
    return this.#busyMs;
  }

  get types(): Readonly<Record<string, number>> {
    return this.#types;
  }

  get slowest(): readonly SlowRow[] {
    return this.#slowest;
  }

  get firstFailures(): readonly FailedRow[] {
    return this.#firstFailures;
  }

  add(row: Row, error: HeddleError | undefined, ms: number | undefined): void {
    if (error === undefined) this.#ok += 1;
    else this.#addFailure(row, error);
    if (ms === undefined) return;
    this.#busyMs += ms;
    const least = this.#slowest[SLOWEST - 1];
    if (least === undefined || ms > least.ms) this.#addSlow({ index: row.index, id: row.id, ms });
  }

  #addFailure({ index, line, id }: Row, error: HeddleError): void {
    this.#failed += 1;
    this.#types[error.type] = (this.#types[error.type] ?? 0) + 1;
    if (this.#firstFailures.length < FIRST_FAILURES) {
      this.#firstFailures.push({ index, line, id, type: error.type, message: shortMessage(error) });
    }
  }

  #addSlow(row: SlowRow): void {
    const at = this.#slowest.findIndex(({ ms }) => ms < row.ms);
    this.#slowest.splice(at < 0 ? this.#slowest.length : at, 0, row);
    this.#slowest.length = Math.min(this.#slowest.length, SLOWEST);
  }
}

/** What went wrong with a row, in a line: the fields at fault where there are any. */
export function shortMessage(error: HeddleError): string {
  const faults = faultsOf(error);
  const text = faults.length === 0 ? error.message : faults.map(faultText).join('; ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
