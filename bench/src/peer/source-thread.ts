import { Readable, Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { offering } from '../work/offer.ts';
import type { SourceMode, SourceOrder } from './source.ts';

// Generators sent out by hand. Each mode is what somebody would write who needs that alone.
const mode = workerData as SourceMode; // written by `openThread`
if (parentPort === null) throw new Error('this is the file of a thread');
const port = parentPort;
const BATCH = 128;
let onCredit: ((credit: number) => void) | undefined;

port.on('message', (message: SourceOrder | number) => {
  if (typeof message === 'number') onCredit?.(message);
  else if (mode === 'batched') sendBatches(message);
  else if (mode === 'node') sendStream(message);
  else sendWebStream(message);
});
port.postMessage('up');

/** Batches of bare values, as far as there is credit; an empty one is the end. */
function sendBatches({ offer, window }: SourceOrder): void {
  const source = offering(offer);
  let credit = window;
  const pump = (): void => {
    let batch: unknown[] = [];
    while (credit > 0) {
      const { done, value } = source.next();
      if (done === true) {
        if (batch.length > 0) port.postMessage(batch);
        port.postMessage([]);
        onCredit = undefined;
        return;
      }
      credit--;
      batch.push(value);
      if (batch.length >= BATCH) {
        port.postMessage(batch);
        batch = [];
      }
    }
    if (batch.length > 0) port.postMessage(batch);
  };
  onCredit = (more) => {
    credit += more;
    pump();
  };
  pump();
}

/** A Readable piped into the port, a message a value; held up while too many are on their way. */
function sendStream({ offer, window }: SourceOrder): void {
  let credit = window;
  let held: (() => void) | undefined;
  onCredit = (more) => {
    credit += more;
    const release = held;
    held = undefined;
    if (credit > 0) release?.();
    else held = release;
  };
  const sink = new Writable({
    objectMode: true,
    write(value: unknown, _encoding, done) {
      port.postMessage({ value });
      if (--credit > 0) done();
      else held = done;
    },
    final(done) {
      port.postMessage({ done: true });
      done();
    },
  });
  Readable.from(offering(offer)).pipe(sink);
}

/** A web stream that is moved to the host as it is. */
function sendWebStream({ offer }: SourceOrder): void {
  const source = offering(offer);
  const stream = new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  port.postMessage(stream, [stream as never]); // Node moves streams; its types do not say so
}
