import type { LaneRow, Span, TaskRow } from '../src/wire.ts';
import { post } from './api.ts';
import { confirmThat } from './dialog.ts';
import { byId, el, KeyedList, setText } from './dom.ts';
import { countText, durationText, shortId } from './format.ts';
import { LaneTrack, type TrackScale } from './lane-track.ts';
import type { PageState } from './state.ts';
import { attempt } from './toast.ts';

const WINDOWS = [15_000, 60_000] as const;

interface Row {
  readonly lane: number;
  readonly now: LaneRow | undefined;
  readonly stateful: boolean;
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
  readonly #known = new Map<number, { stateful: boolean; seen: number }>();
  #state: PageState | undefined;
  #windowMs: number = WINDOWS[1];
  #width = 0;

  constructor() {
    this.#list = new KeyedList<Row, HTMLElement>(byId('lanes'), {
      keyOf: ({ lane }) => String(lane),
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
    for (const { lane, stateful } of frame.lanes) this.#known.set(lane, { stateful, seen: now });
    for (const [lane, { seen }] of this.#known) if (seen < now - this.#windowMs) this.#known.delete(lane);
    const rows = [...this.#known].map(([lane, { stateful }]) => ({ lane, stateful, now: frame.lanes.find((each) => each.lane === lane) }));
    rows.sort((a, b) => Number(a.stateful) - Number(b.stateful) || a.lane - b.lane);
    byId('no-lanes').hidden = rows.length > 0;
    this.#width = byId('lanes').querySelector('.track-box')?.clientWidth ?? 0;
    this.#list.show(rows);
  }

  #create({ lane, stateful }: Row): HTMLElement {
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
      ...(stateful ? [el('span', { class: 'chip', text: 'stateful' })] : []),
    );
    if (end !== undefined) title.append(end);
    const box = el('div', { class: 'track-box' });
    box.append(track.element);
    const element = el(
      'li',
      { class: 'lane', attributes: { 'data-lane': String(lane) } },
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
    if (parts.end !== undefined) parts.end.hidden = now === undefined;
    const first = now?.running[0];
    if (first === undefined) parts.what.replaceChildren(now === undefined ? 'ended' : 'idle');
    else {
      const link = parts.what.querySelector('a') ?? el('a');
      link.href = `#/tasks/${encodeURIComponent(first.id)}`;
      setText(link, `${first.action} ${shortId(first.id)}`);
      const others = now !== undefined && now.running.length > 1 ? ` and ${now.running.length - 1} more` : '';
      const time = first.forMs === undefined ? ' loads' : ` for ${durationText(first.forMs)}`;
      parts.what.replaceChildren(link, `${time}${others}`);
    }
    const ahead = now === undefined ? 0 : now.inFlight - now.running.length;
    setText(
      parts.more,
      now === undefined ? '' : `${countText(now.settled)} settled${ahead > 0 ? `, ${countText(ahead)} waiting there` : ''}`,
    );
    const scale: TrackScale = { windowMs: this.#windowMs, width: this.#width };
    if (scale.width > 0)
      parts.track.show(
        { lane: now, spans: state.spans.filter((span) => span.lane === lane), suspended: restingOn(lane, state), now: state.now() },
        scale,
      );
  }
}

/** Coroutines that rest where they last ran. */
function restingOn(lane: number, { spans, frame }: PageState): (TaskRow & { readonly since: number })[] {
  const open = frame?.open.filter(({ state }) => state === 'suspended') ?? [];
  return open.flatMap((task) => {
    const last: Span | undefined = spans.findLast((span) => span.task === task.id);
    return last?.lane === lane ? [{ ...task, since: last.to }] : [];
  });
}

function endLane(lane: number): void {
  confirmThat(
    `End lane ${lane}?`,
    'What has begun on it fails with worker_lost, and is tried again where its action allows. Coroutines and agents that rest there are lost. A new lane takes its place.',
    'End it',
    () => {
      void attempt(`Lane ${lane} was ended`, () => post(`lanes/${lane}/kill`, {}));
    },
  );
}
