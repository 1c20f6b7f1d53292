import type { ActionRow, EventRow, FailureRow, Percentiles } from '../src/wire.ts';
import { Charts } from './charts.ts';
import { startDialog } from './dialog.ts';
import { byId, el, KeyedList, setText } from './dom.ts';
import { countText, durationText, shortId, timeText } from './format.ts';
import { Lanes } from './lanes.ts';
import type { PageState } from './state.ts';
import { TaskTable } from './task-table.ts';

/** The page about the whole runtime. */
export class Overview {
  readonly charts: Charts = new Charts();
  readonly #lanes = new Lanes();
  readonly #tasks = new TaskTable();
  readonly #actions: KeyedList<ActionRow & { readonly startable: boolean }, HTMLTableRowElement>;
  readonly #failures = new KeyedList<FailureRow, HTMLTableRowElement>(byId('failures'), {
    keyOf: ({ type, action }) => `${type} ${action}`,
    create: () => rowOf(['type', 'action', 'count', 'last', 'message']),
    update: updateFailure,
  });
  readonly #events = new KeyedList<EventRow, HTMLLIElement>(byId('events'), {
    keyOf: ({ seq }) => String(seq),
    create: eventElement,
    update: () => {},
  });
  #state: PageState | undefined;

  constructor() {
    this.#actions = new KeyedList(byId('actions'), {
      keyOf: ({ action }) => action,
      create: () => rowOf(['action', 'rate', 'ended', 'failed', 'run', 'wait', 'do']),
      update: (row, action) => this.#updateAction(row, action),
    });
  }

  show(state: PageState): void {
    const { frame, hello } = state;
    if (frame === undefined || hello === undefined) return;
    this.#state = state;
    showTiles(state);
    this.#lanes.show(state);
    this.charts.show(state);
    const startable = new Map(hello.startable.map((action) => [action.name, action]));
    const idle = hello.startable.filter(({ name }) => !frame.actions.some(({ action }) => action === name));
    const none = { ended: 0, failed: 0, cancelled: 0, perSecond: 0 };
    const actions = [...frame.actions, ...idle.map(({ name }) => ({ action: name, ...none }))];
    this.#actions.show(actions.map((row) => ({ ...row, startable: startable.has(row.action) })));
    byId('no-actions').hidden = actions.length > 0;
    this.#tasks.show(state);
    this.#failures.show(frame.failures);
    byId('no-failures').hidden = frame.failures.length > 0;
    this.#events.show(state.events.slice(-30).reverse());
    byId('no-events').hidden = state.events.length > 0;
  }

  #updateAction(
    row: HTMLTableRowElement,
    { action, perSecond, ended, failed, cancelled, run, wait, startable }: ActionRow & { readonly startable: boolean },
  ): void {
    const cell = (name: string): Element => row.querySelector(`td.${name}`) ?? row;
    setText(cell('action'), action);
    setText(cell('rate'), `${countText(perSecond)}/s`);
    setText(cell('ended'), countText(ended));
    setText(cell('failed'), cancelled === 0 ? countText(failed) : `${countText(failed)} + ${countText(cancelled)} cancelled`);
    cell('failed').classList.toggle('bad', failed > 0);
    setText(cell('run'), percentilesText(run));
    setText(cell('wait'), percentilesText(wait));
    if (!startable || cell('do').firstElementChild !== null) return;
    const button = el('button', { text: 'Start…', class: 'small', attributes: { 'aria-label': `Start ${action}` } });
    button.addEventListener('click', () => {
      const found = this.#state?.hello?.startable.find(({ name }) => name === action);
      if (found !== undefined) startDialog(found);
    });
    cell('do').append(button);
  }
}

function showTiles({ frame, points }: PageState): void {
  if (frame === undefined) return;
  const { totals, lanes } = frame;
  const last = points.at(-1);
  const tile = (id: string, value: string, more: string): void => {
    setText(byId(`tile-${id}`), value);
    setText(byId(`tile-${id}-more`), more);
  };
  const ended = totals.completed + totals.failed + totals.cancelled;
  tile('rate', last === undefined ? '–' : `${countText(last.ok + last.failed + last.cancelled)}/s`, `${countText(ended)} in all`);
  const serving = lanes.filter(({ state }) => state !== 'spare');
  const busy = serving.filter(({ running }) => running.length > 0).length;
  tile('running', countText(totals.running), `${busy} of ${serving.length} lanes busy`);
  const later = totals.retrying + totals.compensating;
  tile('queued', countText(totals.queued), later === 0 ? 'none waits to be retried' : `${countText(later)} wait to be retried`);
  const agents = totals.agents === 0 ? '' : `, ${countText(totals.agents)} agents`;
  tile('suspended', countText(totals.suspended), `of ${countText(totals.coroutines)} coroutines${agents}`);
  const share = ended === 0 ? 0 : totals.failed / ended;
  tile(
    'failed',
    countText(totals.failed),
    `${share === 0 ? '0' : share < 0.001 ? '< 0.1' : (share * 100).toFixed(1)} %, ${countText(totals.cancelled)} cancelled`,
  );
  byId('tile-failed').classList.toggle('bad', totals.failed > 0);
  const latest = points.findLast(({ p50 }) => p50 !== undefined);
  tile('latency', durationText(latest?.p50), `p99 ${durationText(latest?.p99)}, start to end`);
}

function percentilesText(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return '–';
  return [percentiles.p50, percentiles.p90, percentiles.p99].map(durationText).join(' · ');
}

function rowOf(names: readonly string[]): HTMLTableRowElement {
  return el('tr', {}, ...names.map((name) => el('td', { class: name })));
}

function updateFailure(row: HTMLTableRowElement, { type, action, count, lastAt, lastTask, message }: FailureRow): void {
  const cell = (name: string): Element => row.querySelector(`td.${name}`) ?? row;
  setText(cell('type'), type);
  setText(cell('action'), action);
  setText(cell('count'), countText(count));
  const link = cell('last').querySelector('a') ?? cell('last').appendChild(el('a'));
  link.href = `#/tasks/${encodeURIComponent(lastTask)}`;
  setText(link, timeText(lastAt));
  setText(cell('message'), message);
}

function eventElement({ at, kind, text, task, lane }: EventRow): HTMLLIElement {
  const where = lane === undefined ? '' : ` on lane ${lane}`;
  const link = task === undefined ? [] : [el('a', { text: shortId(task), attributes: { href: `#/tasks/${encodeURIComponent(task)}` } })];
  return el(
    'li',
    {},
    el('time', { text: timeText(at) }),
    ' ',
    el('strong', { text: `${kind}${where}` }),
    ' ',
    ...link,
    ' ',
    el('span', { text }),
  );
}
