import type { LaneRow, Span, TaskRow } from '../src/wire.ts';
import { svg } from './dom.ts';
import { durationText, STATES, shortId } from './format.ts';

/** Pixels. */
const HEIGHT = 40;
const BAR_TOP = 5;
const BAR_HEIGHT = 20;
const WAIT_TOP = 30;

/** What is drawn: a span of time, and how many pixels it has. */
export interface TrackScale {
  readonly windowMs: number;
  readonly width: number;
}

/** What a track shows now. */
export interface TrackParts {
  readonly lane: LaneRow | undefined;
  readonly spans: readonly Span[];
  readonly suspended: readonly (TaskRow & { readonly since: number })[];
  readonly now: number;
}

/** One lane's part of the time line. Finished spans are drawn once, and moved; only what runs is drawn anew. */
export class LaneTrack {
  readonly element: SVGSVGElement = svg('svg', { class: 'track', height: HEIGHT, 'aria-hidden': 'true' });
  readonly #moving = svg('g');
  readonly #marks = svg('g', { class: 'marks' });
  readonly #present = svg('g');
  readonly #drawn = new Map<number, readonly SVGElement[]>();
  /** Where the last mark stands: two on one place could not be read. */
  #marked = Number.NEGATIVE_INFINITY;
  #base = 0;
  #scale: TrackScale = { windowMs: 0, width: 0 };

  constructor() {
    this.element.append(this.#moving, this.#present, this.#marks);
  }

  show({ lane, spans, suspended, now }: TrackParts, scale: TrackScale): void {
    if (scale.width !== this.#scale.width || scale.windowMs !== this.#scale.windowMs) this.#clear(scale, now);
    const perMs = scale.width / scale.windowMs;
    const from = now - scale.windowMs;
    const seen = new Set<number>();
    for (const span of spans) {
      if (span.to < from) continue;
      seen.add(span.seq);
      if (!this.#drawn.has(span.seq)) this.#add(span, perMs);
    }
    for (const [seq, elements] of this.#drawn)
      if (!seen.has(seq)) {
        for (const element of elements) element.remove();
        this.#drawn.delete(seq);
      }
    const moved = `translate(${(scale.width - (now - this.#base) * perMs).toFixed(1)} 0)`;
    for (const group of [this.#moving, this.#marks]) group.setAttribute('transform', moved);
    const running = lane?.running.map((task) => runningShape(task, scale.width, perMs)) ?? [];
    this.#present.replaceChildren(...running, ...suspended.map((task) => suspendedShape(task, scale, now)));
  }

  #clear(scale: TrackScale, now: number): void {
    this.#scale = scale;
    this.#base = now;
    this.#drawn.clear();
    this.#marked = Number.NEGATIVE_INFINITY;
    this.#moving.replaceChildren();
    this.#marks.replaceChildren();
    this.element.setAttribute('width', String(scale.width));
    this.element.setAttribute('viewBox', `0 0 ${scale.width} ${HEIGHT}`);
  }

  #add(span: Span, perMs: number): void {
    const x = (at: number): number => (at - this.#base) * perMs;
    const right = x(span.to);
    const marked = span.end !== 'ok' && Math.abs(right - this.#marked) > 9;
    if (marked) this.#marked = right;
    const shape = spanShape(span, x);
    const mark = marked ? markShape(span.end, right) : undefined;
    this.#moving.append(shape);
    if (mark !== undefined) this.#marks.append(mark);
    this.#drawn.set(span.seq, mark === undefined ? [shape] : [shape, mark]);
  }
}

function spanShape({ task, action, from, to, waited, since, end }: Span, x: (at: number) => number): SVGElement {
  const [left, right] = [x(from), Math.max(x(from) + 1.5, x(to) - 1)];
  const told = `${action} ${shortId(task)}: ${STATES[end]?.word ?? end}, ran ${durationText(to - from)}`;
  const waitedText = waited === undefined || since === undefined ? '' : `, ${waited} ${durationText(from - since)} before`;
  const link = svg('a', { href: `#/tasks/${encodeURIComponent(task)}`, class: `span ${end}`, tabindex: -1 });
  link.append(titleOf(`${told}${waitedText}`));
  if (since !== undefined && waited !== undefined) link.append(waitShape(waited, x(since), left));
  link.append(svg('rect', { class: 'bar', x: left.toFixed(1), y: BAR_TOP, width: (right - left).toFixed(1), height: BAR_HEIGHT, rx: 2 }));
  return link;
}

/** Waiting for a lane is a hollow bar below; being suspended a dashed line at the height of what runs. */
function waitShape(waited: 'queued' | 'suspended', left: number, right: number): SVGElement {
  const width = Math.max(1, right - left).toFixed(1);
  if (waited === 'queued') return svg('rect', { class: 'wait', x: left.toFixed(1), y: WAIT_TOP, width, height: 5, rx: 1 });
  const y = BAR_TOP + BAR_HEIGHT / 2;
  return svg('line', { class: 'rest', x1: left.toFixed(1), x2: right.toFixed(1), y1: y, y2: y });
}

/** How it ended, as a shape of its own at the end of its bar. What went well has none. */
function markShape(end: Span['end'], right: number): SVGElement | undefined {
  const y = BAR_TOP + BAR_HEIGHT / 2;
  const path = {
    ok: undefined,
    suspended: `M${right - 1} ${BAR_TOP}v${BAR_HEIGHT}`,
    error: `M${right - 4} ${y - 4}l8 8m0 -8l-8 8`,
    timeout: `M${right - 4} ${y - 5}h8l-8 10h8z`,
    cancelled: `M${right - 4} ${y + 5}l8 -10`,
    retried: `M${right + 3} ${y - 3}a4.5 4.5 0 1 0 1.5 3.5m-1.5 -7v3.5h-3.5`,
  }[end];
  return path === undefined ? undefined : svg('path', { class: `mark ${end}`, d: path });
}

function runningShape({ id, action, forMs = 0 }: LaneRow['running'][number], width: number, perMs: number): SVGElement {
  const length = Math.max(3, Math.min(width, forMs * perMs));
  const link = svg('a', { href: `#/tasks/${encodeURIComponent(id)}`, class: 'span now', tabindex: -1 });
  link.append(titleOf(`${action} ${shortId(id)}: running for ${durationText(forMs)}`));
  link.append(
    svg('rect', { class: 'bar', x: (width - length).toFixed(1), y: BAR_TOP, width: length.toFixed(1), height: BAR_HEIGHT, rx: 2 }),
  );
  return link;
}

function suspendedShape(
  { id, action, since }: TaskRow & { readonly since: number },
  { width, windowMs }: TrackScale,
  now: number,
): SVGElement {
  const left = Math.max(0, width - ((now - since) / windowMs) * width);
  const link = svg('a', { href: `#/tasks/${encodeURIComponent(id)}`, class: 'span suspended', tabindex: -1 });
  link.append(titleOf(`${action} ${shortId(id)}: suspended for ${durationText(now - since)}`), waitShape('suspended', left, width));
  return link;
}

function titleOf(text: string): SVGTitleElement {
  const title = svg('title');
  title.textContent = text;
  return title;
}
