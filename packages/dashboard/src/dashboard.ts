import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { HeddleError } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';
import { EventStream } from './http/event-stream.ts';
import { Guard, isLoopback } from './http/guard.ts';
import { createHandler, type RequestHandler } from './http/handler.ts';
import { createRequests, startableOf } from './http/requests.ts';
import {
  type DashboardOptions,
  type ListenOptions,
  type ParsedDashboardOptions,
  parseDashboardOptions,
  parseListenOptions,
} from './options.ts';
import { DashboardStore } from './store/store.ts';

const TICK_MS = 250;

/** Where a dashboard listens. */
export interface DashboardAddress {
  /** To be opened in a browser; holds the token, where there is one. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** A live page about one runtime. */
export interface Dashboard {
  /** Serves it from a server of yours, below `basePath`. */
  readonly handler: RequestHandler;
  /**
   * Serves it from a server of its own.
   *
   * @throws HeddleError `config_error` for options at fault, a second call, and an address beyond the loopback with `token: false`. Rejects
   * with Node's own error where the port is taken
   */
  listen(options?: ListenOptions): Promise<DashboardAddress>;
  /** Ends its server and every open page; the runtime goes on. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a dashboard: it follows the runtime from now on, in bounded memory, until it is closed. A runtime has one at a time.
 *
 * @throws HeddleError `config_error` for options at fault, every one at once; for what is no runtime, and for one that has a dashboard
 * @example
 * ```ts
 * const dashboard = createDashboard(runtime)
 * const { url } = await dashboard.listen()
 * ```
 */
export function createDashboard(runtime: Runtime, options: DashboardOptions = {}): Dashboard {
  const parsed = parseDashboardOptions(options);
  return new LiveDashboard(runtime, parsed, new DashboardStore(runtime, parsed.keep, parsed.each, Date.now));
}

class LiveDashboard implements Dashboard {
  readonly handler: RequestHandler;
  readonly #options: ParsedDashboardOptions;
  readonly #store: DashboardStore;
  readonly #stream: EventStream;
  readonly #timer: NodeJS.Timeout;
  #guard: Guard;
  #server: Server | undefined;
  #closing: Promise<void> | undefined;

  constructor(runtime: Runtime, options: ParsedDashboardOptions, store: DashboardStore) {
    const { readOnly, start, basePath, token, hosts } = options;
    this.#options = options;
    this.#store = store;
    const startable = (): ReturnType<typeof startableOf> => (start && !readOnly ? startableOf(runtime) : []);
    this.#stream = new EventStream(store, () => ({ runtime: runtime.name, readOnly, startable: startable() }));
    this.#guard = new Guard({ token: token === false ? undefined : token, hosts });
    this.handler = createHandler({
      basePath,
      guard: () => this.#guard,
      store,
      stream: this.#stream,
      requests: createRequests(runtime, store),
      why: (id) => runtime.explain(id)?.reason,
      readOnly,
      start,
    });
    this.#timer = setInterval(() => {
      store.tick();
      this.#stream.tick();
    }, TICK_MS).unref();
  }

  async listen(options: ListenOptions = {}): Promise<DashboardAddress> {
    const { host, port } = parseListenOptions(options);
    if (this.#server !== undefined || this.#closing !== undefined)
      throw new HeddleError('config_error', 'A dashboard listens once: create another one');
    const token = this.#tokenFor(host);
    this.#guard = new Guard({ token, hosts: this.#options.hosts });
    const server = createServer((request, response) => void this.handler(request, response)); // never rejects
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const bound = server.address();
    const own = typeof bound === 'object' && bound !== null ? bound.port : port;
    const name = host.includes(':') ? `[${host}]` : host;
    const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
    return { url: `http://${name}:${own}${this.#options.basePath}/${query}`, host, port: own };
  }

  #tokenFor(host: string): string | undefined {
    const { token } = this.#options;
    if (typeof token === 'string') return token;
    if (isLoopback(host)) return undefined;
    if (token === false)
      throw new HeddleError(
        'config_error',
        `A dashboard on \`${host}\`, beyond the loopback, needs a \`token\`: leave it out, and one is made`,
      );
    return randomBytes(18).toString('base64url');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stream.close();
    this.#store.close();
    const server = this.#server;
    if (server?.listening !== true) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      // What has been answered is kept for the next request by browsers.
      setTimeout(() => server.closeAllConnections(), TICK_MS).unref();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
