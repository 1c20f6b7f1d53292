import type { EventRow, Frame, Hello, Point, Span, TaskRow } from '../src/wire.ts';

const MAX_POINTS = 300;
const MAX_SPANS = 2000;
const MAX_RECENT = 300;
const MAX_EVENTS = 100;

/** What the page knows: the last frame, and what came with those before it. */
export class PageState {
  frame: Frame | undefined = undefined;
  hello: Hello | undefined = undefined;
  points: Point[] = [];
  spans: Span[] = [];
  events: EventRow[] = [];
  /** Newest first. */
  recent: TaskRow[] = [];
  /** The server's clock, less this one's. */
  offsetMs = 0;

  takeHello(hello: Hello): void {
    this.hello = hello;
    this.points = [];
    this.spans = [];
    this.events = [];
    this.recent = [];
    this.take(hello);
  }

  take(frame: Frame): void {
    this.frame = frame;
    this.offsetMs = frame.at - Date.now();
    this.points = joined(this.points, frame.newPoints, MAX_POINTS);
    this.spans = joined(this.spans, frame.newSpans, MAX_SPANS);
    this.events = joined(this.events, frame.newEvents, MAX_EVENTS);
    const rows = [...frame.newRecent].reverse();
    const ids = new Set(rows.map(({ id }) => id));
    this.recent = [...rows, ...this.recent.filter(({ id }) => !ids.has(id))].slice(0, MAX_RECENT);
  }

  /** Now, on the server's clock. */
  now(): number {
    return Date.now() + this.offsetMs;
  }
}

/** A page that has opened between two frames is told some entries twice. */
function joined<T extends { readonly seq: number }>(known: readonly T[], added: readonly T[], limit: number): T[] {
  const last = known.at(-1)?.seq ?? -1;
  return [...known, ...added.filter(({ seq }) => seq > last)].slice(-limit);
}
