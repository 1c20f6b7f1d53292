import type { ServerResponse } from 'node:http';
import type { Marks } from '../store/store.ts';
import type { Frame, Hello } from '../wire.ts';
import { begin, RequestError } from './answer.ts';

/** Pages that may be open at once. */
const MAX_CLIENTS = 50;
/** Bytes that may wait for a slow page; past it, it is sent nothing until it has taken them. */
const MAX_WAITING = 64 * 1024;

interface Client {
  readonly response: ServerResponse;
  /** It has had every frame so far; else the next is whole. */
  inStep: boolean;
}

/** Where a stream has its frames from. */
export interface FrameSource {
  readonly lanes: { look(): Promise<void> };
  marks(): Marks;
  frame(since: Marks | undefined): Frame;
}

/** What a stream says beside frames. */
export type HelloParts = Omit<Hello, keyof Frame>;

/**
 * The pages that look. Each is sent the same frame, made once a tick, while anybody looks; one that does not keep up misses frames, and is
 * then sent a whole one: what waits for it never grows.
 */
export class EventStream {
  readonly #store: FrameSource;
  readonly #hello: () => HelloParts;
  readonly #clients = new Set<Client>();
  #marks: Marks;
  /** Frames that slow pages have missed. */
  dropped = 0;

  constructor(store: FrameSource, hello: () => HelloParts) {
    this.#store = store;
    this.#hello = hello;
    this.#marks = store.marks();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** @throws RequestError 503 */
  async open(response: ServerResponse): Promise<void> {
    if (this.#clients.size >= MAX_CLIENTS) throw new RequestError(503, `${MAX_CLIENTS} pages are open already`);
    await this.#store.lanes.look();
    begin(response, 200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const client: Client = { response, inStep: false };
    this.#clients.add(client);
    response.once('close', () => this.#clients.delete(client));
    // A page that was away for a moment is back in a second.
    response.write(`retry: 1000\n\n${this.#helloText()}`);
    client.inStep = true;
  }

  /** Tells everybody how things stand. */
  tick(): void {
    if (this.#clients.size === 0) return;
    // What lanes do is told with the next frame: to ask them may take a while.
    void this.#store.lanes.look();
    const since = this.#marks;
    this.#marks = this.#store.marks();
    let frame: string | undefined;
    let hello: string | undefined;
    for (const client of this.#clients) {
      if (client.response.writableLength > MAX_WAITING) {
        client.inStep = false;
        this.dropped++;
        continue;
      }
      if (client.inStep) frame ??= eventText('frame', this.#store.frame(since));
      else hello ??= this.#helloText();
      client.response.write(client.inStep ? frame : hello);
      client.inStep = true;
    }
  }

  /** All there is to show. */
  hello(): Hello {
    return { ...this.#hello(), ...this.#store.frame(undefined) };
  }

  #helloText(): string {
    return eventText('hello', this.hello());
  }

  close(): void {
    for (const { response } of this.#clients) response.end(eventText('closed', {}));
    this.#clients.clear();
  }
}

/** JSON has no line breaks of its own, so an event is a line. */
function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
