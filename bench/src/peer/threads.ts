import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { transferOf, type Work } from '../work/work.ts';
import type { OpenPeer, Peer } from './peer.ts';
import { type ThreadData, threadDataOf } from './thread-data.ts';

/** A question or an answer. */
export interface SingleMessage {
  readonly id: number;
  readonly value: unknown;
}

/** Questions or answers, in order. */
export interface BatchMessage {
  readonly id: number;
  readonly list: readonly unknown[];
}

/** `worker_threads` as most people write them: a message for each call, round and round. */
export const threads: Peer = {
  name: 'threads',
  summary: 'bare worker_threads, one message a call',
  open: openSingle,
};

/** `worker_threads` in the hands of somebody who knows: calls of one tick share a message, and so do their answers. */
export const threadsBatched: Peer = {
  name: 'threads-batched',
  summary: 'bare worker_threads, batched by hand',
  open: openBatched,
};

type Resolve = (value: unknown) => void;

async function openSingle<P, V>(work: Work<P, V>, count: number): Promise<OpenPeer<P, V>> {
  const workers = await openThreads('./single-thread.js', work, count);
  const waiting = new Map<number, Resolve>();
  for (const worker of workers) {
    worker.on('message', ({ id, value }: SingleMessage) => {
      waiting.get(id)?.(value);
      waiting.delete(id);
    });
  }
  let calls = 0;
  return {
    run: (params) =>
      new Promise((resolve) => {
        const id = calls++;
        waiting.set(id, resolve);
        workers[id % count]?.postMessage({ id, value: params } satisfies SingleMessage, transferOf(work, params) ?? []);
      }),
    valueOf: (settled) => settled as V, // what the work's function gave
    close: () => closeThreads(workers),
  };
}

async function openBatched<P, V>(work: Work<P, V>, count: number): Promise<OpenPeer<P, V>> {
  const workers = (await openThreads('./batch-thread.js', work, count)).map(
    (worker) => new BatchingThread(worker, work.moving !== undefined),
  );
  return {
    run: (params) =>
      new Promise((resolve) => {
        // The one with the least to do: so batches stay whole instead of being halved with every turn.
        let chosen = workers[0];
        for (const worker of workers) if (chosen === undefined || worker.open < chosen.open) chosen = worker;
        chosen?.add(params, resolve);
      }),
    valueOf: (settled) => settled as V, // as above
    close: () => closeThreads(workers.map(({ worker }) => worker)),
  };
}

class BatchingThread {
  readonly worker: Worker;
  /** Calls not answered yet. */
  open = 0;
  #params: unknown[] = [];
  #resolves: Resolve[] = [];
  #batches = 0;
  readonly #waiting = new Map<number, Resolve[]>();

  readonly #moves: boolean;

  constructor(worker: Worker, moves: boolean) {
    this.worker = worker;
    this.#moves = moves;
    worker.on('message', ({ id, list }: BatchMessage) => {
      const resolves = this.#waiting.get(id) ?? [];
      this.#waiting.delete(id);
      this.open -= list.length;
      for (let index = 0; index < list.length; index++) resolves[index]?.(list[index]);
    });
  }

  add(params: unknown, resolve: Resolve): void {
    this.open++;
    this.#resolves.push(resolve);
    if (this.#params.push(params) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const id = this.#batches++;
    this.#waiting.set(id, this.#resolves);
    const list = this.#params;
    this.#params = [];
    this.#resolves = [];
    this.worker.postMessage({ id, list } satisfies BatchMessage, this.#moves ? (list as ArrayBuffer[]) : []); // see `Work.moving`
  }
}

async function openThreads<P, V>(entry: string, work: Work<P, V>, count: number): Promise<Worker[]> {
  const workers = Array.from({ length: count }, () => {
    return new Worker(new URL(entry, import.meta.url), { workerData: threadDataOf(work) satisfies ThreadData });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return workers;
}

async function closeThreads(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}
