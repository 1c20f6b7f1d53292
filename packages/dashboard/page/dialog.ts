import type { StartableAction } from '../src/wire.ts';
import { post } from './api.ts';
import { el } from './dom.ts';
import { formOf } from './form.ts';
import { attempt, toast } from './toast.ts';

/** Asks whether it is meant; the work begins when it is. */
export function confirmThat(question: string, explained: string, verb: string, work: () => void): void {
  const dialog = open(question, [el('p', { text: explained })], verb, () => {
    dialog.close();
    work();
  });
}

/** Starts an action with params of one's own. */
export function startDialog(action: StartableAction): void {
  const form = formOf(action.schema, 'Params');
  const about = action.description === undefined ? [] : [el('p', { class: 'soft', text: action.description })];
  const dialog = open(`Start ${action.name}`, [...about, form.element], 'Start', () => {
    let params: unknown;
    try {
      params = form.read() ?? {};
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), 'bad');
      return;
    }
    void attempt(`${action.name} was started`, async () => {
      const { started } = await post(`actions/${encodeURIComponent(action.name)}/start`, { params });
      dialog.close();
      location.hash = `#/tasks/${encodeURIComponent(String(started))}`;
    });
  });
}

function open(title: string, body: readonly Node[], verb: string, submit: () => void): HTMLDialogElement {
  const heading = el('h2', { text: title, attributes: { id: 'dialog-title' } });
  const cancel = el('button', { text: 'Back', attributes: { type: 'button' }, on: { click: () => dialog.close() } });
  const go = el('button', { text: verb, class: 'main', attributes: { type: 'submit' } });
  const form = el('form', {}, heading, ...body, el('div', { class: 'buttons' }, cancel, go));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  const dialog: HTMLDialogElement = el('dialog', { attributes: { 'aria-labelledby': 'dialog-title' } }, form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
