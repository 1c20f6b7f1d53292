import type { LaneRow, Span, TaskRow } from '../src/wire.ts';
import { post } from './api.ts';
import { confirmThat } from './dialog.ts';
import { byId, el, KeyedList, setText } from './dom.ts';
import { countText, durationText, shortId } from './format.ts';
import { LaneTrack, type TrackScale } from './lane-track.ts';
import type { PageState } from './state.ts';
import { attempt } from './toast.ts';

const WINDOWS = [60_000, 15_000] as const;

interface Row {
  readonly lane: string;
  readonly now: LaneRow | undefined;
}

interface RowElements {
  readonly what: HTMLElement;
  readonly more: HTMLElement;
  readonly track: LaneTrack;
  readonly end: HTMLButtonElement | undefined;
}

/** The lanes: what each runs and for how long, and the time line of each. */
export class Lanes {
  readonly #list: KeyedList<Row, HTMLElement>;
  readonly #elements = new WeakMap<HTMLElement, RowElements>();
  /** Lanes that have been here: one that is gone is shown while the time line shows something of it. */
  readonly #known = new Map<string, number>();
  #state: PageState | undefined;
  #windowMs: number = WINDOWS[1];
  #width = 0;

  constructor() {
    this.#list = new KeyedList<Row, HTMLElement>(byId('lanes'), {
      keyOf: ({ lane }) => lane,
      create: (row) => this.#create(row),
      update: (element, row) => this.#update(element, row),
    });
    const button = byId('window');
    button.addEventListener('click', () => {
      this.#windowMs = this.#windowMs === WINDOWS[0] ? WINDOWS[1] : WINDOWS[0];
      button.textContent = `Last ${this.#windowMs / 1000} s`;
      if (this.#state !== undefined) this.show(this.#state);
    });
  }

  show(state: PageState): void {
    const { frame } = state;
    if (frame === undefined) return;
    this.#state = state;
    const now = state.now();
    // A spare has nothing to show until it takes another's place.
    for (const { lane, state: doing } of frame.lanes) if (doing !== 'spare') this.#known.set(lane, now);
    for (const [lane, seen] of this.#known) if (seen < now - this.#windowMs) this.#known.delete(lane);
    const rows = [...this.#known.keys()].map((lane) => ({ lane, now: frame.lanes.find((each) => each.lane === lane) }));
    rows.sort((one, other) => orderOf(one.lane) - orderOf(other.lane));
    byId('no-lanes').hidden = rows.length > 0;
    this.#width = byId('lanes').querySelector('.track-box')?.clientWidth ?? 0;
    this.#list.show(rows);
  }

  #create({ lane }: Row): HTMLElement {
    const what = el('div', { class: 'what' });
    const more = el('div', { class: 'soft' });
    const track = new LaneTrack();
    const readOnly = this.#state?.hello?.readOnly !== false;
    const end = readOnly ? undefined : el('button', { text: 'End', class: 'small', attributes: { 'aria-label': `End lane ${lane}` } });
    end?.addEventListener('click', () => endLane(lane));
    const title = el(
      'div',
      { class: 'lane-name' },
      el('strong', { text: `Lane ${lane}` }),
      ...(lane.startsWith('s') ? [el('span', { class: 'chip', text: 'stateful' })] : []),
    );
    if (end !== undefined) title.append(end);
    const box = el('div', { class: 'track-box' });
    box.append(track.element);
    const element = el(
      'li',
      { class: 'lane-row', attributes: { 'data-lane': lane } },
      el('div', { class: 'lane-about' }, title, what, more),
      box,
    );
    this.#elements.set(element, { what, more, track, end });
    return element;
  }

  #update(element: HTMLElement, { lane, now }: Row): void {
    const parts = this.#elements.get(element);
    const state = this.#state;
    if (parts === undefined || state === undefined) return;
    element.classList.toggle('gone', now === undefined);
    if (parts.end !== undefined) parts.end.hidden = now?.thread === undefined || now.state === 'ending';
    showRunning(parts.what, now);
    setText(parts.more, now === undefined ? '' : aboutOf(now));
    const scale: TrackScale = { windowMs: this.#windowMs, width: this.#width };
    if (scale.width > 0)
      parts.track.show(
        { lane: now, spans: state.spans.filter((span) => span.lane === lane), suspended: restingOn(lane, state), now: state.now() },
        scale,
      );
  }
}

/** Plain lanes first, each kind by its index. */
function orderOf(lane: string): number {
  return lane.startsWith('s') ? 1e6 + Number(lane.slice(1)) : Number(lane);
}

function showRunning(element: HTMLElement, now: LaneRow | undefined): void {
  const first = now?.running[0];
  if (now === undefined || first === undefined) {
    setText(element, now === undefined || now.state === 'busy' ? 'idle' : now.state);
    return;
  }
  const { id, action, state, forMs, items } = first;
  const link = element.querySelector('a') ?? el('a');
  link.href = `#/tasks/${encodeURIComponent(id)}`;
  setText(link, `${action} ${shortId(id)}`);
  const others = now.running.length - 1 + now.more;
  const time = forMs === undefined ? ` ${state}` : `${state === 'running' ? '' : ` ${state},`} for ${durationText(forMs)}`;
  const together = items === undefined ? '' : `, one of ${countText(items)} that travel together`;
  const text = `${time}${together}${others === 0 ? '' : ` and ${others} more`}`;
  if (element.firstChild === link && element.childNodes.length === 2) {
    const rest = element.lastChild;
    if (rest !== null && rest.textContent !== text) rest.textContent = text;
  } else element.replaceChildren(link, text);
}

function aboutOf({ settled, waiting, living, busy, heapBytes, thread }: LaneRow): string {
  return [
    ...(thread === undefined ? [] : [`thread ${thread}`]),
    `${countText(settled)} settled`,
    ...(waiting > 0 ? [`${countText(waiting)} waiting`] : []),
    ...(living > 0 ? [`${countText(living)} living there`] : []),
    ...(busy === undefined ? [] : [`${Math.round(busy * 100)} % busy`]),
    ...(heapBytes === undefined ? [] : [`${Math.round(heapBytes / 1e6)} MB heap`]),
  ].join(' · ');
}

/** Coroutines that rest where they last ran. */
function restingOn(lane: string, { spans, frame }: PageState): (TaskRow & { readonly since: number })[] {
  const open = frame?.open.filter(({ state }) => state === 'suspended') ?? [];
  return open.flatMap((task) => {
    const last: Span | undefined = spans.findLast((span) => span.task === task.id);
    return last?.lane === lane ? [{ ...task, since: last.to }] : [];
  });
}

function endLane(lane: string): void {
  confirmThat(
    `End lane ${lane}?`,
    'What has begun on it fails with worker_lost, and is tried again where its action allows. Coroutines and agents that rest there are lost. A new lane takes its place.',
    'End it',
    () => {
      void attempt(`Lane ${lane} was ended`, () => post(`lanes/${lane}/kill`, {}));
    },
  );
}
