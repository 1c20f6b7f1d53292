import { MessageChannel, type MessagePort, threadId } from 'node:worker_threads';
import { HeddleError } from '@heddle/core';
import type { LaneSettings } from '../protocol/input.ts';
import { ownEventLoop, ownMemory } from '../worker/look.ts';
import { createClaimMemory } from './claims.ts';
import type { EventLoopTimes, LaneMemory, LaneThread, ThreadEnd, ThreadPool } from './thread-pool.ts';

/** How lanes are served. */
export interface InlinePoolOptions {
  readonly settings: Omit<LaneSettings, 'port' | 'claims' | 'services'>;
  /** Whether lanes get a service channel. */
  readonly services: boolean;
}

/** Lanes in the host's own thread: for debugging, and where there are no threads. */
export function createInlinePool(options: InlinePoolOptions): ThreadPool {
  return new InlinePool(options);
}

class InlinePool implements ThreadPool {
  readonly #options: InlinePoolOptions;
  readonly #lanes = new Set<InlineLane>();
  #closed = false;

  constructor(options: InlinePoolOptions) {
    this.#options = options;
  }

  async open(): Promise<LaneThread> {
    // Loaded here: a host whose lanes are elsewhere never needs it.
    const { serve } = await import('../worker/serve.ts');
    if (this.#closed) throw new HeddleError('closed', 'The pool of lanes is closed');
    const { port1, port2 } = new MessageChannel();
    const services = this.#options.services ? new MessageChannel() : undefined;
    const lane = new InlineLane([port1, port2], services && [services.port1, services.port2]);
    this.#lanes.add(lane);
    port1.once('close', () => this.#lanes.delete(lane));
    serve({ ...this.#options.settings, port: port2, claims: lane.claims, ...(services && { services: services.port2 }) });
    // The host's end alone says whether the process has to stay.
    port2.unref();
    return lane;
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const lane of this.#lanes) lane.terminate();
    return Promise.resolve();
  }
}

/** One lane in this thread. To terminate it is to hear no more of it: what runs on it runs on. */
class InlineLane implements LaneThread {
  readonly threadId: number = threadId;
  readonly port: MessagePort;
  readonly services: MessagePort | undefined;
  readonly claims: SharedArrayBuffer = createClaimMemory();
  readonly #inside: readonly MessagePort[];

  constructor([port, inside]: readonly [MessagePort, MessagePort], services: readonly [MessagePort, MessagePort] | undefined) {
    this.port = port;
    this.services = services?.[0];
    this.#inside = services === undefined ? [inside] : [inside, services[1]];
  }

  onEnd(callback: (end: ThreadEnd) => void): void {
    this.port.once('close', () => callback({ exitCode: undefined, error: undefined }));
  }

  eventLoop(): EventLoopTimes {
    return ownEventLoop();
  }

  memory(): Promise<LaneMemory> {
    return Promise.resolve(ownMemory());
  }

  terminate(): void {
    for (const port of this.#inside) port.close();
  }
}
