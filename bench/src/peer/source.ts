import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { CoroutineAction } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { OfferCheck, type OfferKind, type OfferOrder } from '../work/offer.ts';
import { offers, offersAsync } from '../work/offer-action.ts';

/** How a hand-written thread sends. */
export type SourceMode = 'batched' | 'node' | 'web';

/** What a hand-written thread is asked to send. */
export interface SourceOrder {
  readonly offer: OfferOrder;
  /** Values that may be on their way. */
  readonly window: number;
}

/** Something in a thread that offers values, which are read and checked here. */
export interface Source {
  readonly name: string;
  read(kind: OfferKind, count: number): Promise<void>;
  close(): Promise<void>;
}

const WINDOW = 512;

/** Batches and credit over a port, read without a promise a value: what somebody writes who needs nothing else. */
export async function openBatched(name: string): Promise<Source> {
  const worker = await openThread('batched');
  return {
    name,
    read: (kind, count) =>
      new Promise((resolve, reject) => {
        const check = new OfferCheck(kind);
        let taken = 0;
        const onBatch = (batch: readonly unknown[]): void => {
          if (batch.length === 0) {
            worker.off('message', onBatch);
            if (check.seen === count) resolve();
            else reject(new Error(`${name} gave ${check.seen} of ${count}`));
          }
          for (const value of batch) check.take(value);
          taken += batch.length;
          if (taken * 2 < WINDOW) return;
          worker.postMessage(taken);
          taken = 0;
        };
        worker.on('message', onBatch);
        worker.postMessage({ offer: { kind, to: count }, window: WINDOW } satisfies SourceOrder);
      }),
    close: () => end(worker),
  };
}

/** A Readable there, piped over the port into a Readable here. */
export async function openNodeStream(name: string): Promise<Source> {
  const worker = await openThread('node');
  return {
    name,
    async read(kind, count) {
      let taken = 0;
      const readable = new Readable({ objectMode: true, highWaterMark: WINDOW, read() {} });
      const onValue = (message: { readonly value?: unknown; readonly done?: boolean }): void => {
        readable.push(message.done === true ? null : message.value);
      };
      worker.on('message', onValue);
      worker.postMessage({ offer: { kind, to: count }, window: WINDOW } satisfies SourceOrder);
      await readAll(name, readable, kind, count, () => {
        if (++taken * 2 < WINDOW) return;
        worker.postMessage(taken);
        taken = 0;
      });
      worker.off('message', onValue);
    },
    close: () => end(worker),
  };
}

/** A ReadableStream made there and moved here. */
export async function openWebStream(name: string): Promise<Source> {
  const worker = await openThread('web');
  return {
    name,
    async read(kind, count) {
      worker.postMessage({ offer: { kind, to: count }, window: WINDOW } satisfies SourceOrder);
      const [stream] = (await once(worker, 'message')) as [ReadableStream<unknown>];
      await readAll(name, stream, kind, count);
    },
    close: () => end(worker),
  };
}

/** `runtime.stream`; without a window, as it comes. */
export const openStream = (name: string, window?: number): Promise<Source> => openHeddle(name, offers, window);
export const openAsyncStream = (name: string, window?: number): Promise<Source> => openHeddle(name, offersAsync, window);

async function openHeddle(
  name: string,
  action: CoroutineAction<OfferOrder, unknown, void, unknown>,
  window: number | undefined,
): Promise<Source> {
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads: 1 } });
  return {
    name,
    read: (kind, count) =>
      readAll(name, runtime.stream(action, { kind, to: count }, {}, window === undefined ? {} : { window }), kind, count),
    close: () => runtime.close(),
  };
}

/** The same generator as a coroutine, a step at a time. */
export async function openLockStep(name: string): Promise<Source> {
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads: 1 } });
  return {
    name,
    async read(kind, count) {
      const check = new OfferCheck(kind);
      const coroutine = runtime.coroutine(offers, { kind, to: count });
      for (let step = await coroutine.next(); step.kind === 'suspended'; step = await coroutine.next()) check.take(step.value);
      if (check.seen !== count) throw new Error(`${name} gave ${check.seen} of ${count}`);
    },
    close: () => runtime.close(),
  };
}

async function readAll(
  name: string,
  source: AsyncIterable<unknown>,
  kind: OfferKind,
  count: number,
  onTaken: () => void = () => {},
): Promise<void> {
  const check = new OfferCheck(kind);
  for await (const value of source) {
    check.take(value);
    onTaken();
  }
  if (check.seen !== count) throw new Error(`${name} gave ${check.seen} of ${count}`);
}

async function openThread(mode: SourceMode): Promise<Worker> {
  const worker = new Worker(new URL('./source-thread.js', import.meta.url), { workerData: mode });
  await once(worker, 'message');
  return worker;
}

async function end(worker: Worker): Promise<void> {
  await worker.terminate();
}
