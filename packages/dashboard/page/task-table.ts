import type { TaskRow } from '../src/wire.ts';
import { post } from './api.ts';
import { byId, el, KeyedList, setText } from './dom.ts';
import { countText, durationText, STATES, shortId } from './format.ts';
import type { PageState } from './state.ts';
import { attempt } from './toast.ts';

const FEW = 15;
const MANY = 200;
const FILTERS: Readonly<Record<string, (task: TaskRow, open: boolean) => boolean>> = {
  all: () => true,
  open: (_task, open) => open,
  ended: (_task, open) => !open,
  suspended: ({ state }) => state === 'suspended',
  failed: ({ state }) => state === 'error' || state === 'timeout',
  cancelled: ({ state }) => state === 'cancelled' || state === 'cancelling',
};

/** Whether it has not settled. */
function isOpen({ state }: TaskRow): boolean {
  return !['ok', 'error', 'timeout', 'cancelled', 'settled'].includes(state);
}

/** The tasks: those that are open, then those that have settled. */
export class TaskTable {
  readonly #list: KeyedList<TaskRow, HTMLTableRowElement>;
  #filter = 'all';
  #text = '';
  #shown = FEW;
  #state: PageState | undefined;

  constructor() {
    this.#list = new KeyedList<TaskRow, HTMLTableRowElement>(byId('tasks'), {
      keyOf: ({ id }) => id,
      create: () =>
        el('tr', {}, ...['state', 'action', 'waited', 'ran', 'attempts', 'lane', 'note', 'do'].map((name) => el('td', { class: name }))),
      update: (row, task) => updateRow(row, task, this.#state?.hello?.readOnly === false),
    });
    const filters = byId('task-filters');
    for (const name of Object.keys(FILTERS)) {
      const pressed = { 'aria-pressed': String(name === this.#filter) };
      const button = el('button', { text: name, class: 'small', attributes: pressed });
      button.addEventListener('click', () => {
        this.#filter = name;
        for (const each of filters.querySelectorAll('button')) each.setAttribute('aria-pressed', String(each === button));
        this.#again();
      });
      filters.append(button);
    }
    const more = byId('task-more');
    more.addEventListener('click', () => {
      this.#shown = this.#shown === FEW ? MANY : FEW;
      this.#again();
    });
    const search = byId('task-search');
    search.addEventListener('input', () => {
      this.#text = search instanceof HTMLInputElement ? search.value.toLowerCase() : '';
      this.#again();
    });
  }

  #again(): void {
    if (this.#state !== undefined) this.show(this.#state);
  }

  show(state: PageState): void {
    const { frame, recent } = state;
    if (frame === undefined) return;
    this.#state = state;
    const openIds = new Set(frame.open.map(({ id }) => id));
    const all = [...frame.open, ...recent.filter(({ id }) => !openIds.has(id))];
    const fits = FILTERS[this.#filter] ?? FILTERS['all'];
    const fitting = all.filter((task) => fits?.(task, isOpen(task)) === true && textOf(task).includes(this.#text));
    const rows = fitting.slice(0, this.#shown);
    this.#list.show(rows);
    const more = byId('task-more');
    more.hidden = fitting.length <= FEW;
    setText(more, this.#shown === FEW ? `Show ${Math.min(MANY, fitting.length)}` : 'Show fewer');
    byId('no-tasks').hidden = rows.length > 0;
    byId('task-table').hidden = rows.length === 0;
    setText(byId('no-tasks'), all.length === 0 ? 'No task has been started since the dashboard was opened.' : 'No task fits the filter.');
    const { queued, running, coroutines } = frame.totals;
    const open = queued + running + coroutines;
    setText(byId('task-note'), open > frame.open.length ? `${countText(open)} are open; the first ${frame.open.length} are listed.` : '');
  }
}

function textOf({ id, action, tag = '', error = '' }: TaskRow): string {
  return `${action} ${id} ${tag} ${error}`.toLowerCase();
}

function updateRow(row: HTMLTableRowElement, task: TaskRow, mayAct: boolean): void {
  const { id, action, tag, state, queuedMs, runMs, attempts, lane, error = '' } = task;
  row.dataset['task'] = id;
  const cell = (name: string): Element => row.querySelector(`td.${name}`) ?? row;
  showState(cell('state'), state);
  const link = cell('action').querySelector('a') ?? cell('action').appendChild(el('a'));
  link.href = `#/tasks/${encodeURIComponent(id)}`;
  setText(link, `${action} ${shortId(id)}`);
  if (tag !== undefined && cell('action').querySelector('.chip') === null) cell('action').append(el('span', { class: 'chip', text: tag }));
  setText(cell('waited'), durationText(queuedMs));
  setText(cell('ran'), durationText(runMs));
  setText(cell('attempts'), String(attempts));
  setText(cell('lane'), lane === undefined ? '–' : String(lane));
  setText(cell('note'), error);
  const can = mayAct && isOpen(task) && state !== 'cancelling';
  const button = cell('do').querySelector('button');
  if (!can) button?.remove();
  else if (button === null) cell('do').append(cancelButton(id, action));
}

/** Asks a task to end. */
export function cancelButton(id: string, action: string): HTMLButtonElement {
  const button = el('button', { text: 'Cancel', class: 'small', attributes: { 'aria-label': `Cancel ${action} ${shortId(id)}` } });
  button.addEventListener(
    'click',
    () => void attempt(`${action} ${shortId(id)} was asked to end`, () => post(`tasks/${encodeURIComponent(id)}/cancel`, {})),
  );
  return button;
}

/** Shows a state: mark, word and colour. */
export function showState(element: Element, state: string): void {
  const { mark, word } = STATES[state] ?? { mark: '●', word: state };
  if (element.firstElementChild?.classList.contains(state) === true) return;
  element.replaceChildren(
    el('span', { class: `badge ${state}` }, el('span', { text: mark, class: 'badge-mark', attributes: { 'aria-hidden': 'true' } }), word),
  );
}
