import { abortReason, type SignalHub } from './signal-hub.ts';
import type { Task } from './task.ts';
import { closedError, disposedError } from './task-error.ts';
import type { TaskHost } from './task-host.ts';

/**
 * One that owns tasks: a runtime (the root) or a scope in it. Source: SEMANTICS E-5.
 *
 * Guarantees: a scope holds what it started and has not settled, and nothing else; a root holds no tasks, so that those without a scope
 * cost nothing. What a scope holds is asked to end, innermost scopes first and the newest first, before `dispose` returns.
 */
export class OwnerNode {
  readonly name: string;
  /** `undefined` for a runtime. */
  readonly parent: OwnerNode | undefined;
  /** Whose the tasks are that it starts; `undefined` for a runtime. */
  readonly tenant: string | undefined;
  readonly #signals: SignalHub<OwnerNode>;
  readonly #signal: AbortSignal | undefined;
  // Invariant: not settled, started here, not exempt by `link: false`. Each with the host it runs on, which an `instance` may have chosen.
  readonly #tasks = new Map<Task, TaskHost>();
  // Invariant: not disposed, or not empty yet.
  readonly #children = new Set<OwnerNode>();
  // What else has to hear of the end: waits for room, maps.
  readonly #watchers = new Set<() => void>();
  #names = 0;
  // One lifecycle: `undefined` while open, then the promise of its being empty.
  #disposal: Promise<void> | undefined;
  #reason = '';
  #onEmpty: () => void = () => {};

  constructor(name: string, parent: OwnerNode | undefined, signals: SignalHub<OwnerNode>, signal?: AbortSignal, tenant?: string) {
    this.name = name;
    this.parent = parent;
    this.tenant = tenant ?? parent?.tenant;
    this.#signals = signals;
    this.#signal = signal;
    if (parent !== undefined) parent.#children.add(this);
    if (signal !== undefined) signals.add(signal, this);
  }

  get disposed(): boolean {
    return this.#disposal !== undefined;
  }

  /** Tasks that it holds, and those of the scopes in it. */
  get open(): number {
    let open = this.#tasks.size;
    for (const child of this.#children) open += child.open;
    return open;
  }

  /** The runtime at the top. */
  get root(): OwnerNode {
    return this.parent === undefined ? this : this.parent.root;
  }

  /** Whether this is the other, or one of those above it. */
  holds(other: OwnerNode): boolean {
    for (let node: OwnerNode | undefined = other; node !== undefined; node = node.parent) if (node === this) return true;
    return false;
  }

  /** @throws HeddleError `closed`, by name */
  assertOpen(): void {
    if (this.#disposal !== undefined) throw this.parent === undefined ? closedError(this.name) : disposedError(this.name);
  }

  /** A scope in this one. */
  child(name: string | undefined, signal: AbortSignal | undefined, tenant: string | undefined): OwnerNode {
    this.assertOpen();
    const aborted = signal?.aborted === true;
    const node = new OwnerNode(name ?? `scope-${++this.root.#names}`, this, this.#signals, aborted ? undefined : signal, tenant);
    if (aborted) void node.dispose(abortReason(signal.reason)); // never rejects
    return node;
  }

  /** Takes a task that was just started on a host. */
  add(task: Task, host: TaskHost): Task {
    if (this.parent === undefined) return task;
    task.owner = this;
    if (task.outcome !== undefined || !task.options.link) return task;
    this.#tasks.set(task, host);
    // What ran while it was started, such as a getter of its params, may have disposed the scope.
    if (this.disposed) this.#end(task, host);
    return task;
  }

  /** A task has settled. */
  left(task: Task): void {
    this.#tasks.delete(task);
    this.#checkEmpty();
  }

  /** Waits for room in a queue; no longer than the scope is open. */
  async enter(room: (signal: AbortSignal | undefined) => Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    if (this.parent === undefined) return room(signal);
    const wait = new AbortController();
    const leave = (): void => wait.abort();
    const unwatch = this.watch(leave);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
    try {
      await room(wait.signal);
    } finally {
      signal?.removeEventListener('abort', leave);
      unwatch();
    }
  }

  /** Calls back when the scope is disposed; answers how to take that back. Not for roots, which outlive what would be forgotten here. */
  watch(callback: () => void): () => void {
    if (this.parent === undefined) return () => {};
    this.#watchers.add(callback);
    return () => void this.#watchers.delete(callback);
  }

  /** Ends all that it holds. Settles when all of it has settled; never rejects. The first reason holds. */
  dispose(reason: string): Promise<void> {
    if (this.#disposal !== undefined) return this.#disposal;
    // Before anything is ended: what is called back meanwhile finds it disposed.
    this.#disposal = new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
    this.#reason = reason;
    if (this.#signal !== undefined) this.#signals.remove(this.#signal, this);
    for (const child of [...this.#children].reverse()) void child.dispose(reason); // its end is told to `#checkEmpty`
    this.#endTasks();
    for (const tell of [...this.#watchers]) tell();
    this.#checkEmpty();
    return this.#disposal;
  }

  /** The newest first. */
  #endTasks(): void {
    const tasks = [...this.#tasks.keys()];
    for (let index = tasks.length - 1; index >= 0; index--) {
      const task = tasks[index];
      const host = task === undefined ? undefined : this.#tasks.get(task);
      // One that the end of another has ended is gone already.
      if (task !== undefined && host !== undefined) this.#end(task, host);
    }
  }

  #end(task: Task, host: TaskHost): void {
    host.dispatcher.cancel(task, this.#reason);
  }

  #checkEmpty(): void {
    if (this.#disposal === undefined || this.#tasks.size > 0 || this.#children.size > 0) return;
    this.#onEmpty();
    if (this.parent === undefined) return;
    this.parent.#children.delete(this);
    this.parent.#checkEmpty();
  }
}
