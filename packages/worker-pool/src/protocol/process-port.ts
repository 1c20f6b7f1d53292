import { EventEmitter } from 'node:events';
import type { LanePort } from './port.ts';
import { decodeFromProcess, encodeForProcess } from './process-codec.ts';

/** Which of the two ways over one channel a message takes. */
const LANE = 0;
const SERVICES = 1;

/** The channel between two processes: a `ChildProcess` on the host, `process` in the child. */
export interface Channel {
  readonly connected: boolean;
  send?: ((message: Buffer, handle: undefined, options: undefined, sent: () => void) => unknown) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

/** The ports of one lane in a process of its own. */
export interface ProcessPorts {
  readonly port: ProcessPort;
  readonly services: ProcessPort;
}

/** Makes both ports over one channel. What comes over it that is not theirs is left alone. */
export function createProcessPorts(channel: Channel, hold?: (held: boolean) => void): ProcessPorts {
  const port = new ProcessPort(channel, LANE, hold);
  const services = new ProcessPort(channel, SERVICES, undefined);
  channel.on('message', (message) => {
    if (!(message instanceof Uint8Array)) return;
    const [way, content] = decodeFromProcess(message) as readonly [number, unknown]; // as `postMessage` wrote it
    (way === LANE ? port : services).receive(content);
  });
  channel.once('disconnect', () => {
    port.close();
    services.close();
  });
  return { port, services };
}

/** A port between processes. Copies everything: nothing is moved, nothing is shared. */
class ProcessPort extends EventEmitter implements LanePort {
  readonly #channel: Channel;
  readonly #way: number;
  readonly #hold: ((held: boolean) => void) | undefined;
  // Invariant: `undefined` once somebody listens; until then messages wait, as in a MessagePort.
  #early: unknown[] | undefined = [];
  #closed = false;

  constructor(channel: Channel, way: number, hold: ((held: boolean) => void) | undefined) {
    super();
    this.#channel = channel;
    this.#way = way;
    this.#hold = hold;
    this.on('newListener', (event) => {
      if (event === 'message' && this.#early !== undefined) queueMicrotask(() => this.#deliverEarly());
    });
  }

  postMessage(message: unknown): void {
    const bytes = encodeForProcess([this.#way, message]);
    if (!this.#closed && this.#channel.connected) this.#channel.send?.(bytes, undefined, undefined, ignore);
  }

  /** Something came for it. */
  receive(message: unknown): void {
    if (this.#closed) return;
    if (this.#early === undefined) this.emit('message', message);
    else this.#early.push(message);
  }

  #deliverEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const message of early ?? []) this.emit('message', message);
  }

  ref(): void {
    this.#hold?.(true);
  }

  unref(): void {
    this.#hold?.(false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close');
  }
}

/** A message to a process that is gone is lost with it; its end is heard by itself. */
function ignore(): void {}
