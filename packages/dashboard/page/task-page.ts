import type { AttemptRow, LogRow, StepRow, TaskDetails, TaskRow } from '../src/wire.ts';
import { getTask, post } from './api.ts';
import { byId, el } from './dom.ts';
import { formOf } from './form.ts';
import { durationText, shortId, timeText } from './format.ts';
import { cancelButton, showState } from './task-table.ts';
import { attempt, toast } from './toast.ts';

const AGAIN_MS = 1000;

/** The page about one task; asked for anew each second while it is open. */
export class TaskPage {
  readonly #mayAct: () => boolean;
  readonly #sections = new Map<string, { readonly key: string; readonly element: HTMLElement }>();
  #id: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(mayAct: () => boolean) {
    this.#mayAct = mayAct;
  }

  open(id: string): void {
    this.close();
    this.#id = id;
    this.#sections.clear();
    byId('task-page').replaceChildren(el('p', { class: 'soft', text: 'Loading…' }));
    void this.#load(id);
  }

  close(): void {
    this.#id = undefined;
    clearTimeout(this.#timer);
  }

  async #load(id: string): Promise<void> {
    const details = await getTask(id).catch((error: unknown) => String(error));
    if (this.#id !== id) return;
    if (typeof details === 'object') this.#show(details);
    else if (details === undefined) byId('task-page').replaceChildren(missing(id));
    else toast(details, 'bad');
    if (typeof details === 'string' || details?.open === true) this.#timer = setTimeout(() => void this.#load(id), AGAIN_MS);
  }

  #show(details: TaskDetails): void {
    const { task, open, why, params, value, error, progress, attempts, steps, logs, children, resumeSchema } = details;
    const canAct = this.#mayAct() && open;
    const answers = canAct && task.state === 'suspended';
    const step = steps.at(-1);
    const shown = [
      this.#section('head', [task, why, canAct], () => headOf(details, canAct)),
      ...(answers ? [this.#section('answer', [step?.seq, resumeSchema], () => answerOf(task, step, resumeSchema))] : []),
      ...(error === undefined ? [] : [this.#section('error', error, () => textOf(open ? 'Last failure' : 'Error', error, 'error-text'))]),
      ...(progress === undefined ? [] : [this.#section('progress', progress, () => textOf('Progress', progress))]),
      ...(params === undefined ? [] : [this.#section('params', params, () => textOf('Params', params))]),
      ...(value === undefined ? [] : [this.#section('value', value, () => textOf('Value', value))]),
      ...(attempts.length === 0 ? [] : [this.#section('attempts', attempts, () => attemptsOf(attempts))]),
      ...(steps.length === 0 ? [] : [this.#section('steps', steps, () => stepsOf(steps))]),
      ...(logs.length === 0 ? [] : [this.#section('logs', logs, () => logsOf(logs))]),
      ...(children.length === 0 ? [] : [this.#section('children', children, () => childrenOf(children))]),
    ];
    const page = byId('task-page');
    // What has not changed stays, with what somebody may be writing in it.
    if (shown.length !== page.children.length || shown.some((section, at) => page.children[at] !== section)) page.replaceChildren(...shown);
  }

  #section(name: string, data: unknown, create: () => HTMLElement): HTMLElement {
    const key = JSON.stringify(data) ?? '';
    const known = this.#sections.get(name);
    if (known?.key === key) return known.element;
    const element = create();
    element.dataset['section'] = name;
    this.#sections.set(name, { key, element });
    return element;
  }
}

function missing(id: string): HTMLElement {
  const text = 'It has not been, or it is not kept any more: of many tasks some are kept, and nothing from before a restart.';
  return el('section', {}, el('h1', { text: `Nothing is known of ${shortId(id)}` }), el('p', { text }));
}

function headOf({ task, why }: TaskDetails, canAct: boolean): HTMLElement {
  const { id, action, kind, tag, state, lane, attempts, startTime, queuedMs, runMs, totalMs, parentId } = task;
  const stateCell = el('span');
  showState(stateCell, state);
  const facts: (readonly [string, Node | string])[] = [
    ['State', stateCell],
    ['Id', el('code', { text: id })],
    ['Kind', kind],
    ...(tag === undefined ? [] : [['Tag', tag] as const]),
    ...(parentId === undefined ? [] : [['Started by', taskLink(parentId)] as const]),
    ...(startTime === undefined ? [] : [['Started', timeText(startTime)] as const]),
    ['Attempts', String(attempts)],
    ...(lane === undefined ? [] : [['Lane', String(lane)] as const]),
    ...(queuedMs === undefined ? [] : [['Waited', durationText(queuedMs)] as const]),
    ...(runMs === undefined ? [] : [['Ran', durationText(runMs)] as const]),
    ...(totalMs === undefined ? [] : [['In all', durationText(totalMs)] as const]),
  ];
  const list = el('dl', { class: 'facts' }, ...facts.map(([name, value]) => el('div', {}, el('dt', { text: name }), el('dd', {}, value))));
  const heading = el('div', { class: 'task-head' }, el('h1', { text: `${action} ${shortId(id)}` }));
  if (canAct && state !== 'cancelling') heading.append(cancelButton(id, action));
  return el(
    'section',
    {},
    heading,
    ...(why === undefined ? [] : [el('p', { class: 'why', text: `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.` })]),
    list,
  );
}

function answerOf({ id, action }: TaskRow, step: StepRow | undefined, schema: unknown): HTMLElement {
  const form = formOf(schema, 'Answer');
  const question = step === undefined ? [] : [el('p', { text: 'It asks:' }), el('pre', { text: step.text })];
  const element = el(
    'form',
    { class: 'answer' },
    el('h2', { text: 'It waits for an answer' }),
    ...question,
    form.element,
    el('button', { text: 'Resume', class: 'main' }),
  );
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(`${action} ${shortId(id)} was resumed`, async () => {
      const value = form.read();
      await post(`coroutines/${encodeURIComponent(id)}/resume`, {
        ...(value === undefined ? {} : { value }),
        ...(step === undefined ? {} : { seq: step.seq }),
      });
    });
  });
  return el('section', {}, element);
}

function textOf(title: string, text: string, className = ''): HTMLElement {
  return el('section', {}, el('h2', { text: title }), el('pre', { text, class: className, attributes: { tabindex: '0' } }));
}

function attemptsOf(attempts: readonly AttemptRow[]): HTMLElement {
  const items = attempts.map(({ attempt: number, startTime, queuedMs, runMs, lane, state, retried, error }) => {
    const stateCell = el('span');
    showState(stateCell, state);
    const facts = `${timeText(startTime)} · waited ${durationText(queuedMs)} · ran ${durationText(runMs)}${lane === undefined ? '' : ` · lane ${lane}`}${retried ? ' · tried again' : ''}`;
    const item = el('li', {}, el('strong', { text: `Attempt ${number}` }), ' ', stateCell, ' ', el('span', { class: 'soft', text: facts }));
    if (error !== undefined)
      item.append(el('details', {}, el('summary', { text: 'its error' }), el('pre', { text: error, class: 'error-text' })));
    return item;
  });
  return el('section', {}, el('h2', { text: 'Attempts' }), el('ul', { class: 'entries' }, ...items));
}

function stepsOf(steps: readonly StepRow[]): HTMLElement {
  const items = steps.map(({ seq, kind, at, text }) =>
    el('li', {}, el('strong', { text: `${seq}. ${kind}` }), ' ', el('span', { class: 'soft', text: timeText(at) }), el('pre', { text })),
  );
  return el('section', {}, el('h2', { text: 'Steps' }), el('ol', { class: 'entries' }, ...items));
}

function logsOf(logs: readonly LogRow[]): HTMLElement {
  const items = logs.map(({ at, level, attempt: number, message, fields }) =>
    el(
      'li',
      {},
      el('time', { text: timeText(at) }),
      ' ',
      el('strong', { text: level, class: `level ${level}` }),
      ' ',
      el('span', { text: message }),
      ' ',
      el('code', { text: fields }),
      ' ',
      el('span', { class: 'soft', text: `attempt ${number}` }),
    ),
  );
  return el('section', {}, el('h2', { text: 'Log' }), el('ul', { class: 'entries log' }, ...items));
}

function childrenOf(children: readonly TaskRow[]): HTMLElement {
  const items = children.map(({ id, action, state, runMs }) => {
    const stateCell = el('span');
    showState(stateCell, state);
    return el(
      'li',
      {},
      stateCell,
      ' ',
      taskLink(id, `${action} ${shortId(id)}`),
      ' ',
      el('span', { class: 'soft', text: durationText(runMs) }),
    );
  });
  return el('section', {}, el('h2', { text: 'Children' }), el('ul', { class: 'entries' }, ...items));
}

function taskLink(id: string, text: string = shortId(id)): HTMLAnchorElement {
  return el('a', { text, attributes: { href: `#/tasks/${encodeURIComponent(id)}` } });
}
