import type { MessagePort } from 'node:worker_threads';
import { settle } from './fake-clock.ts';

/** A call as comlink sends it; `more` changes what it should not. */
export function applyMessage(id: string, value: unknown, more: object = {}): object {
  return { id, type: 'APPLY', path: [], argumentList: [{ type: 'RAW', value }], ...more };
}

/** Sends messages that no client would, and gives what is answered to each, by its id. */
export async function forge(port: MessagePort, ...messages: readonly unknown[]): Promise<Readonly<Record<string, unknown>>> {
  const answers = new Map<string, unknown>();
  const listener = ({ id, value }: { id: string; value: unknown }): void => void answers.set(id, value);
  port.on('message', listener);
  // In order, so that what has no answer by the time the last one has, will have none.
  for (const message of [...messages, applyMessage('last', 'no call')]) port.postMessage(message);
  while (!answers.has('last')) await settle();
  await settle();
  port.off('message', listener);
  answers.delete('last');
  return Object.fromEntries(answers);
}
