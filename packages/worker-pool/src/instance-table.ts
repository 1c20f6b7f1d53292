import { HeddleError } from '@heddle/core';
import { kindOf } from '@heddle/core/engine';
import type { Dispatcher } from './dispatcher.ts';
import { type ParsedRuntimeOptions, parseRuntimeOptions, type RuntimeOptions } from './options.ts';
import { isPlainObject } from './plain-object.ts';
import type { CloseOptions, Runtime } from './runtime-interface.ts';
import type { TaskHost } from './task-host.ts';
import { definedOf } from './task-options.ts';

/** A runtime with what runs its tasks. */
export interface HostedRuntime {
  readonly runtime: Runtime;
  readonly host: TaskHost;
  /** What carries its tasks now, and those of its instances. */
  carriers(): readonly Dispatcher[];
}

/** Makes a runtime; `onClosing` is told, once, when it takes no more work, and of the end. */
export type OpenInstance = (options: ParsedRuntimeOptions, onClosing: (closed: Promise<void>) => void) => HostedRuntime;

/** The named instances of one runtime, which share nothing with it or each other. Source: SEMANTICS R-11. */
export class InstanceTable {
  /** Those that take work. */
  readonly runtimes: Map<string, Runtime> = new Map();
  readonly #host: TaskHost;
  readonly #options: ParsedRuntimeOptions;
  readonly #open: OpenInstance;
  // Invariant: the keys are those of `runtimes`.
  readonly #hosted = new Map<string, HostedRuntime>();
  // Names alone: that an instance was closed is another error than that there never was one.
  readonly #closed = new Set<string>();
  readonly #closing = new Set<Promise<void>>();

  constructor(host: TaskHost, options: ParsedRuntimeOptions, open: OpenInstance) {
    this.#host = host;
    this.#options = options;
    this.#open = open;
  }

  /**
   * An open instance.
   *
   * @throws HeddleError `not_found` naming those there are, `closed`
   */
  get(name: string): Runtime {
    return this.runtimes.get(name) ?? this.#missing(name);
  }

  /** What runs the tasks of an open instance. @throws as `get` */
  host(name: string): TaskHost {
    return this.#hosted.get(name)?.host ?? this.#missing(name);
  }

  /** What gave out this id of a task: the runtime, or an open instance. */
  hostOfId(id: string): TaskHost | undefined {
    return [this.#host, ...Array.from(this.#hosted.values(), ({ host }) => host)].find(({ idPrefix }) => id.startsWith(idPrefix));
  }

  /** What carries the tasks of all that are open. */
  carriers(): readonly Dispatcher[] {
    return [...this.#hosted.values()].flatMap((hosted) => hosted.carriers());
  }

  /**
   * Opens an instance. What it is not given, it has of the runtime.
   *
   * @throws HeddleError `config_error` for options at fault and for a name that is taken
   */
  create(name: unknown, given: unknown): Runtime {
    const options = instanceOptions(this.#options, name, given);
    const { name: own } = options;
    if (this.runtimes.has(own)) {
      const message = `Runtime ${this.#options.name} has an instance \`${own}\` already; leave the options out to get it`;
      throw new HeddleError('config_error', message, { details: { instance: own } });
    }
    const hosted = this.#open(options, (closed) => this.#leave(own, closed));
    const { runtime } = hosted;
    this.#closed.delete(own);
    this.runtimes.set(own, runtime);
    this.#hosted.set(own, hosted);
    return runtime;
  }

  #leave(name: string, closed: Promise<void>): void {
    this.runtimes.delete(name);
    this.#hosted.delete(name);
    this.#closed.add(name);
    this.#closing.add(closed);
    const forget = (): void => void this.#closing.delete(closed);
    closed.then(forget, forget);
  }

  /** Closes all, the newest first. Settles when all have closed, those included that were closing already. */
  async close(options: CloseOptions): Promise<void> {
    for (const runtime of [...this.runtimes.values()].reverse()) void runtime.close(options); // is in `#closing` then
    await Promise.all(this.#closing);
  }

  #missing(name: unknown): never {
    const { name: parent } = this.#options;
    if (typeof name !== 'string') throw new HeddleError('config_error', `An instance is known by its name; got ${kindOf(name)}`);
    const create = `runtime.instance('${name}', {})`;
    if (this.#closed.has(name))
      throw new HeddleError('closed', `Instance ${name} of runtime ${parent} is closed; open it again with \`${create}\``);
    const names = [...this.runtimes.keys()];
    const there = names.length === 0 ? 'it has none' : `it has ${names.map((each) => `\`${each}\``).join(', ')}`;
    const message = `Runtime ${parent} has no instance \`${name}\`: ${there}; open one with \`${create}\``;
    throw new HeddleError('not_found', message, { details: { instance: name, instances: names } });
  }
}

function instanceOptions(parent: ParsedRuntimeOptions, name: unknown, given: unknown): ParsedRuntimeOptions {
  if (!isPlainObject(given)) return parseRuntimeOptions(given);
  if (given['name'] !== undefined)
    throw new HeddleError('config_error', '`name` is not an option of an instance: its name stands before the options');
  if (typeof name !== 'string' || name === '')
    throw new HeddleError('config_error', `An instance's name must be a string that is not empty; got ${kindOf(name)}`);
  // The process has one memory: the parent's limit holds for the instance's lanes, and two that watched it would end two of them at once.
  const { memory: _parents, ...inherited } = parent.given;
  const options: RuntimeOptions = { ...inherited, ...definedOf(given), name };
  return parseRuntimeOptions(options);
}
