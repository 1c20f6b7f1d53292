import type { Span } from '../wire.ts';
import { Ring } from './ring.ts';

/** Spans that are kept: of the last minute as a rule. */
const KEPT = 1500;
/** Spans of a lane in a tick: more could not be told apart on a screen. Long ones may come on top of many short ones. */
const SHORT_PER_TICK = 25;
const LONG_PER_TICK = 50;
const LONG_MS = 5;

/** What ran where and when, thinned out where there is too much to be seen. */
export class TimeLine {
  readonly #spans = new Ring<Span>(KEPT);
  readonly #inTick = new Map<string, number>();

  get next(): number {
    return this.#spans.next;
  }

  add(span: Omit<Span, 'seq'>): void {
    const count = this.#inTick.get(span.lane) ?? 0;
    if (count >= (span.to - span.from < LONG_MS && span.end !== 'error' ? SHORT_PER_TICK : LONG_PER_TICK)) return;
    this.#inTick.set(span.lane, count + 1);
    this.#spans.push({ seq: this.#spans.next, ...span });
  }

  tick(): void {
    this.#inTick.clear();
  }

  since(number: number): Span[] {
    return this.#spans.since(number);
  }
}
