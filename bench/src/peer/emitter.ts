import { EventEmitter, once } from 'node:events';
import { sendAll } from '../work/send-all.ts';
import { emptyTally, SENDERS, type TallySignal, take } from '../work/tally.ts';

/** As many emitters of this very thread. Each keeps the same state by the same function; nothing is checked, copied, queued or sent. */
export function openEmitters(count: number, signals: number): readonly EventEmitter[] {
  return Array.from({ length: count }, () => {
    const emitter = new EventEmitter();
    let tally = emptyTally(signals);
    emitter.on('add', (signal: TallySignal) => {
      tally = take(tally, signal);
      if (tally.status === 'completed') emitter.emit('completed', tally.lastAnswer);
    });
    return emitter;
  });
}

/** Sends each all its signals, and waits until each says that it has completed. */
export async function signalEmitters(emitters: readonly EventEmitter[], signals: number): Promise<void> {
  const completed = Promise.all(emitters.map((emitter) => once(emitter, 'completed')));
  await sendAll(emitters, signals / SENDERS, (emitter, signal) => emitter.emit('add', signal));
  for (const [result] of await completed) if (result !== signals) throw new Error(`an emitter completed with ${result}`);
}
