import { setImmediate as turn } from 'node:timers/promises';
import { SENDERS, type TallySignal } from './tally.ts';

/** Signals that a sender sends before it lets others have their turn. */
const BURST = 1000;

/** All senders beside each other. Each goes round all receivers and sends each its next signal, until it has sent each `times`. */
export async function sendAll<T>(receivers: readonly T[], times: number, send: (receiver: T, signal: TallySignal) => void): Promise<void> {
  await Promise.all(Array.from({ length: SENDERS }, (_, sender) => sendFrom(sender)));

  async function sendFrom(sender: number): Promise<void> {
    let sent = 0;
    for (let number = 1; number <= times; number++)
      for (const receiver of receivers) {
        send(receiver, { sender, number });
        if (++sent % BURST === 0) await turn();
      }
  }
}
