import { type Handle, HeddleError } from '@heddle/core';
import { ActionTable } from './action-table.ts';
import { AgentHost } from './agent/agent-host.ts';
import { type Clock, systemClock } from './clock.ts';
import { CoroutineHost } from './coroutine/coroutine-host.ts';
import { Dispatcher } from './dispatcher.ts';
import type { TaskExplanation } from './explain/explanation.ts';
import type { LaneReport } from './explain/lane-report.ts';
import { type HostedRuntime, InstanceTable } from './instance-table.ts';
import { createPool } from './lane/create-pool.ts';
import type { ThreadPool } from './lane/thread-pool.ts';
import { LaneOwner } from './lane-owner.ts';
import { governMemory } from './memory/govern.ts';
import { closeOptionFaults, type ParsedRuntimeOptions, parseRuntimeOptions, type RuntimeOptions, statefulOptions } from './options.ts';
import { ActionRegistry, type RegisteredAction } from './registry.ts';
import type { CloseOptions, InstanceOptions, Runtime } from './runtime-interface.ts';
import { StatefulLanes } from './stateful/stateful-lanes.ts';
import { type RuntimeStats, statsOf } from './stats.ts';
import { TaskHost } from './task-host.ts';
import { TaskRef } from './task-ref.ts';
import { isLaneThread } from './worker/lane-thread.ts';

/**
 * Creates a runtime. Close it when done: `await runtime.close()`, or `await using` where the syntax is there. An idle one never keeps
 * the process alive.
 *
 * @throws HeddleError `config_error` for options at fault, every one at once, and inside a lane
 * @example
 * ```ts
 * const runtime = createRuntime({ threads: { max: 4 } })
 * const outcome = await runtime.run(resize, { path: 'a.jpg' })
 * ```
 */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  if (isLaneThread()) {
    throw new HeddleError(
      'config_error',
      '`createRuntime` was called in a lane: a worker thread imports the file its action is in, and that file starts a runtime, which would start itself for ever. Move the action to a file of its own',
    );
  }
  return createRuntimeOn(parseRuntimeOptions(options), { createPool, createIdPrefix, clock: systemClock });
}

/** What a runtime stands on. Its instances stand on the same, each with a pool of its own. */
export interface RuntimePorts {
  createPool(options: ParsedRuntimeOptions, idPrefix: string): ThreadPool;
  /** What the ids of one runtime's tasks begin with; no other's do. */
  createIdPrefix(name: string): string;
  readonly clock: Clock;
}

/**
 * Random, so that ids of two processes don't meet in one log; the tasks count up behind it. No secret, so not of `node:crypto`, which
 * would be loaded for it alone (2 ms of a process's start).
 */
function createIdPrefix(): string {
  const random = Math.floor(Math.random() * 2 ** 40);
  return `${random.toString(16).padStart(10, '0')}-`;
}

/** The runtime over given ports. For tests, and for other pools. */
export function createRuntimeOn(options: ParsedRuntimeOptions, ports: RuntimePorts): Runtime {
  return openRuntime(options, ports, () => {}).runtime;
}

function openRuntime(options: ParsedRuntimeOptions, ports: RuntimePorts, onClosing: (closed: Promise<void>) => void): HostedRuntime {
  const { clock } = ports;
  const idPrefix = ports.createIdPrefix(options.name);
  const actions = new ActionTable(options.defaults);
  const dispatcher = new Dispatcher(options, actions, ports.createPool(options, idPrefix), clock, idPrefix);
  const lanes = new StatefulLanes({
    main: dispatcher,
    maxLanes: options.statefulLanes,
    createDispatcher: (parts) => {
      const own = statefulOptions(options);
      const { observed } = dispatcher;
      return new Dispatcher(own, actions, ports.createPool(own, idPrefix), clock, idPrefix, { ...parts, observed });
    },
  });
  const coroutines = new CoroutineHost({
    name: options.name,
    actions,
    clock,
    main: dispatcher,
    limit: options.statefulLimit,
    graceMs: options.graceMs,
    lanes,
  });
  const agents: AgentHost = new AgentHost({
    name: options.name,
    idPrefix,
    actions,
    clock,
    main: dispatcher,
    lanes,
    limit: options.statefulLimit,
    refHost: () => host,
    refOf: (task) => new TaskRef(host, task),
  });
  const host: TaskHost = new TaskHost(options, actions, dispatcher, { lanes, coroutines, agents }, clock);
  const instances = new InstanceTable(host, options, (own, onOwnClosing) => openRuntime(own, ports, onOwnClosing));
  const carriers = (): readonly Dispatcher[] => [
    dispatcher,
    ...(lanes.opened === undefined ? [] : [lanes.opened]),
    ...instances.carriers(),
  ];
  const governor = governMemory(options.maxRssMb, clock, carriers);
  const closing = (closed: Promise<void>): void => {
    governor?.close();
    onClosing(closed);
  };
  return { runtime: new LaneRuntime(options, host, instances, closing), host, carriers };
}

/** What runs the tasks of a runtime, for those who look into it; `undefined` for anything that is none. */
export function hostOf(runtime: unknown): HostedParts | undefined {
  return LaneRuntime.open(runtime);
}

/** A runtime from within. */
export interface HostedParts {
  readonly host: TaskHost;
  readonly options: ParsedRuntimeOptions;
}

class LaneRuntime extends LaneOwner implements Runtime {
  readonly #options: ParsedRuntimeOptions;
  readonly #host: TaskHost;
  readonly #instances: InstanceTable;
  readonly #registry = new ActionRegistry();
  readonly #onClosing: (closed: Promise<void>) => void;
  #closing: Promise<void> | undefined;

  constructor(options: ParsedRuntimeOptions, host: TaskHost, instances: InstanceTable, onClosing: (closed: Promise<void>) => void) {
    super(host, instances, host.node);
    this.#options = options;
    this.#host = host;
    this.#instances = instances;
    this.#onClosing = onClosing;
  }

  static open(runtime: unknown): HostedParts | undefined {
    if (typeof runtime !== 'object' || runtime === null || !(#host in runtime)) return undefined;
    return { host: runtime.#host, options: runtime.#options };
  }

  get actions(): ReadonlyMap<string, RegisteredAction> {
    return this.#registry.actions;
  }

  register(source: string | URL | RegisteredAction): Promise<ReadonlyMap<string, RegisteredAction>> {
    return this.#registry.register(source);
  }

  get instances(): ReadonlyMap<string, Runtime> {
    return this.#instances.runtimes;
  }

  instance(name: string, options?: InstanceOptions): Runtime {
    this.#host.assertOpen();
    return options === undefined ? this.#instances.get(name) : this.#instances.create(name, options);
  }

  stats(): RuntimeStats {
    return statsOf(this.name, this.#host);
  }

  explain(target: string | Handle): TaskExplanation | undefined {
    if (typeof target === 'string') return (this.#instances.hostOfId(target) ?? this.#host).explainId(target);
    const opened = TaskRef.open(target);
    if (opened === undefined)
      throw new HeddleError('invalid_async_ref', 'Invalid async ref for `explain`: expected an id, or what a runtime gave');
    return opened.host.explain(opened.task);
  }

  lanes(previous: readonly LaneReport[] = []): Promise<readonly LaneReport[]> {
    return this.#host.reportLanes(previous);
  }

  ready(lanes?: number): Promise<void> {
    return this.#host.dispatcher.ready(lanes ?? Math.max(1, this.#options.minLanes));
  }

  close(options: CloseOptions = {}): Promise<void> {
    const faults = closeOptionFaults(options);
    if (faults.length > 0) return Promise.reject(new HeddleError('invalid_input', `Invalid close options: ${faults.join('; ')}`));
    if (this.#closing !== undefined) return this.#closing;
    let closed = (_: Promise<void>): void => {};
    // Before anything is ended: what is called back meanwhile finds it closing.
    this.#closing = new Promise((resolve) => {
      closed = resolve;
    });
    this.#host.close();
    this.#onClosing(this.#closing);
    closed(this.#close(options));
    return this.#closing;
  }

  async #close(options: CloseOptions): Promise<void> {
    const { dispatcher, lanes, coroutines, agents, node } = this.#host;
    const graceMs = options.graceMs ?? this.#options.graceMs;
    try {
      coroutines.close(graceMs);
      agents.close();
      // Instances first, and all in the one grace.
      await Promise.all([this.#instances.close(options), lanes.drain(graceMs), dispatcher.drain(graceMs)]);
    } finally {
      await node.dispose(`runtime ${this.name} was closed`);
      await Promise.all([lanes.closeLanes(), dispatcher.closeLanes()]);
      coroutines.limits.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
