import { byId, el } from './dom.ts';

const SHOWN_MS = 6000;

/** Says how something went, to eyes and screen readers; for a moment. */
export function toast(text: string, kind: 'good' | 'bad' = 'good'): void {
  const note = el('p', { class: `toast ${kind}`, text });
  byId('toasts').append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

/** Does something, and says how it went. */
export async function attempt(done: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    toast(done);
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'bad');
    return false;
  }
}
