import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Coroutine, CoroutineAction } from '@heddle/core';
import { createRuntime } from '@heddle/worker-pool';
import { proxy, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { STOP } from '../work/echo.ts';
import { echoes, echoesAsync } from '../work/echo-action.ts';

/** How a hand-written thread is spoken with. */
export type PongMode = 'port' | 'batched' | 'comlink';

/** Values for many generators of one thread. */
export interface PongBatch {
  readonly ids: readonly number[];
  readonly values: readonly unknown[];
}

/** Something in a thread that is given a value, gives one back, and waits. */
export interface Pong {
  readonly name: string;
  /** `count` rounds, each begun when the one before it is back. */
  rounds(count: number, values: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** One message there, one back. */
export async function openPort(name: string): Promise<Pong> {
  const worker = await openThread('port');
  let tell: ((value: unknown) => void) | undefined;
  worker.on('message', (value: unknown) => tell?.(value));
  const ask = (value: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      tell = resolve;
      worker.postMessage(value);
    });
  return {
    name,
    async rounds(count, values) {
      for (let round = 0; round < count; round++) {
        const value = values[round % values.length];
        check(value, await ask(value));
      }
    },
    close: () => end(worker),
  };
}

/** The thread calls a function of the host's by comlink. */
export async function openComlink(name: string): Promise<Pong> {
  const worker = await openThread('comlink');
  const remote = wrap<{ loop(ask: (value: unknown) => unknown, first: unknown, count: number): Promise<void> }>(nodeEndpoint(worker));
  return {
    name,
    async rounds(count, values) {
      let round = 0;
      const ask = (value: unknown): unknown => {
        check(values[round % values.length], value);
        return values[++round % values.length];
      };
      await remote.loop(proxy(ask), values[0], count);
    },
    close: () => end(worker),
  };
}

/** How the steps of a coroutine are asked for. */
type Ask = (coroutine: Coroutine<unknown, number, unknown>, value: unknown) => Promise<unknown>;

const askNext: Ask = async (coroutine, value) => stepValue(await coroutine.next(value));

const askResume: Ask = (coroutine, value) =>
  new Promise((resolve) => coroutine.resume(value, { replyTo: (step) => resolve(stepValue(step)) }));

export const openNext = (name: string): Promise<Pong> => openCoroutine(name, echoes, askNext);
export const openResume = (name: string): Promise<Pong> => openCoroutine(name, echoes, askResume);
export const openAsync = (name: string): Promise<Pong> => openCoroutine(name, echoesAsync, askNext);

async function openCoroutine(name: string, action: CoroutineAction<object, unknown, number, unknown>, ask: Ask): Promise<Pong> {
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads: 1 } });
  const coroutine = runtime.coroutine(action, {});
  await coroutine.next();
  return {
    name,
    async rounds(count, values) {
      for (let round = 0; round < count; round++) {
        const value = values[round % values.length];
        check(value, await ask(coroutine, value));
      }
    },
    async close() {
      await coroutine.next(STOP);
      await runtime.close();
    },
  };
}

/** Many that are given a value each, at once, and waited for together. */
export interface ManyPongs {
  readonly name: string;
  round(value: number): Promise<void>;
  close(): Promise<void>;
}

/** Coroutines of one runtime. */
export async function openManyCoroutines(name: string, count: number, threads: number): Promise<ManyPongs> {
  const runtime = createRuntime({ threads: { max: 1 }, stateful: { threads } });
  // The lanes open one after the other, and who comes first stays: let them all be there before it matters who goes where.
  const early = Array.from({ length: threads * 2 }, () => runtime.coroutine(echoes, {}));
  await Promise.all(early.map((coroutine) => coroutine.next()));
  while (runtime.stats().statefulLanes.length < threads) await new Promise(setImmediate);
  await Promise.all(early.map((coroutine) => coroutine.cancel()));
  const coroutines = Array.from({ length: count }, () => runtime.coroutine(echoes, {}));
  await Promise.all(coroutines.map((coroutine) => coroutine.next()));
  return {
    name,
    async round(value) {
      const steps = await Promise.all(coroutines.map((coroutine) => coroutine.next(value)));
      for (const step of steps) check(value, stepValue(step));
    },
    close: () => runtime.close({ graceMs: 0 }),
  };
}

/** Generators in threads of our own, resumed by one message a thread. */
export async function openManyByHand(name: string, count: number, threads: number): Promise<ManyPongs> {
  const workers = await Promise.all(Array.from({ length: threads }, () => openThread('batched')));
  const tells = workers.map((worker) => {
    const waiting = new Map<number, (value: unknown) => void>();
    worker.on('message', ({ ids, values }: PongBatch) => {
      for (let index = 0; index < ids.length; index++) {
        const id = ids[index] ?? -1;
        const tell = waiting.get(id);
        waiting.delete(id);
        tell?.(values[index]);
      }
    });
    return waiting;
  });
  return {
    name,
    async round(value) {
      const batches = workers.map(() => ({ ids: [] as number[], values: [] as unknown[] }));
      const answers = Array.from({ length: count }, (_, id) => {
        batches[id % threads]?.ids.push(id);
        batches[id % threads]?.values.push(value);
        return new Promise<unknown>((resolve) => tells[id % threads]?.set(id, resolve));
      });
      for (const [index, worker] of workers.entries()) worker.postMessage(batches[index]);
      for (const answer of await Promise.all(answers)) check(value, answer);
    },
    async close() {
      await Promise.all(workers.map(end));
    },
  };
}

function stepValue(step: { readonly kind: string; readonly value?: unknown }): unknown {
  if (step.kind !== 'suspended') throw new Error(`a coroutine ended: ${JSON.stringify(step)}`);
  return step.value;
}

function check(given: unknown, got: unknown): void {
  const same = typeof given === 'object' ? (given as { id: number }).id === (got as { id: number }).id : given === got;
  if (!same) throw new Error(`a peer gave back ${JSON.stringify(got)} for ${JSON.stringify(given)}`);
}

async function openThread(mode: PongMode): Promise<Worker> {
  const worker = new Worker(new URL('./pong-thread.js', import.meta.url), { workerData: mode });
  await once(worker, 'message');
  return worker;
}

async function end(worker: Worker): Promise<void> {
  await worker.terminate();
}
