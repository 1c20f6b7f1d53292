import { fail, type Handle, HeddleError, type Outcome, ok, type ParentDeathPolicy } from '@heddle/core';
import type { Clock } from '../clock.ts';
import { goneError, waitTimeoutError } from './agent-error.ts';
import type { ParsedWait } from './agent-options.ts';
import type { WaitedFor } from './agent-waits.ts';
import { watchWait } from './timed-wait.ts';

/** A child of an agent: an agent or a task. */
export interface AgentChildEntry {
  readonly id: string;
  readonly handle: Handle;
  readonly policy: ParentDeathPolicy;
  end(reason: string): void;
  /** Its parent has ended, and it goes on. */
  orphaned(): void;
}

/** The children of one agent by tag, and who waits for one to appear. Source: SEMANTICS W-5, W-6. */
export class AgentChildren {
  readonly #agent: Pick<WaitedFor, 'id' | 'status' | 'queueLength'>;
  readonly #clock: Clock;
  readonly #byTag = new Map<string, AgentChildEntry>();
  /** Tags whose child's module is still loading. */
  readonly #starting = new Set<string>();
  readonly #waiters = new Map<string, Set<(outcome: Outcome<Handle>) => void>>();

  constructor(agent: Pick<WaitedFor, 'id' | 'status' | 'queueLength'>, clock: Clock) {
    this.#agent = agent;
    this.#clock = clock;
  }

  get handles(): ReadonlyMap<string, Handle> {
    return new Map([...this.#byTag].map(([tag, { handle }]) => [tag, handle]));
  }

  get tags(): (readonly [tag: string, id: string])[] {
    return [...this.#byTag].map(([tag, { id }]) => [tag, id] as const);
  }

  get(tag: string): AgentChildEntry | undefined {
    return this.#byTag.get(tag);
  }

  /** @throws HeddleError `tag_in_use` */
  reserve(tag: string): void {
    const taken = this.#byTag.get(tag);
    if (taken === undefined && !this.#starting.has(tag)) {
      this.#starting.add(tag);
      return;
    }
    const who = taken === undefined ? 'a child of that tag is starting' : `${taken.id} has not ended`;
    throw new HeddleError('tag_in_use', `The tag ${tag} is in use: ${who}`, { details: { tag } });
  }

  free(tag: string): void {
    this.#starting.delete(tag);
  }

  /** Takes a child whose tag was reserved. */
  add(tag: string, child: AgentChildEntry): void {
    this.#starting.delete(tag);
    this.#byTag.set(tag, child);
    const waiters = this.#waiters.get(tag);
    this.#waiters.delete(tag);
    for (const waiter of waiters ?? []) waiter(ok(child.handle));
  }

  /** The child of a tag has ended; answers whether it was one. */
  remove(tag: string, id: string): boolean {
    return this.#byTag.get(tag)?.id === id && this.#byTag.delete(tag);
  }

  /** Waits until there is a child of this tag. */
  when(tag: string, wait: ParsedWait): Promise<Outcome<Handle>> {
    const child = this.#byTag.get(tag);
    if (child !== undefined) return Promise.resolve(ok(child.handle));
    const startedMs = this.#clock.now();
    return new Promise((resolve) => {
      const settle = (outcome: Outcome<Handle>): void => {
        done();
        resolve(outcome);
      };
      const giveUp = (error: HeddleError): void => {
        const waiters = this.#waiters.get(tag);
        waiters?.delete(settle);
        if (waiters?.size === 0) this.#waiters.delete(tag);
        resolve(fail(error));
      };
      const what = `has no child of the tag ${tag}: none appeared`;
      const late = (): HeddleError => waitTimeoutError(what, this.#agent, wait.timeoutMs, this.#clock.now() - startedMs);
      const done = watchWait(this.#clock, wait, late, giveUp);
      this.#waiters.set(tag, (this.#waiters.get(tag) ?? new Set()).add(settle));
    });
  }

  /** The agent has ended: so does what it would not have go on. */
  end(cause: unknown): void {
    const { id } = this.#agent;
    const children = [...this.#byTag.values()];
    this.#byTag.clear();
    for (const child of children.reverse()) {
      if (child.policy === 'stop') child.end(`${id}, which spawned it, has ended`);
      else child.orphaned();
    }
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter(fail(goneError(id, cause)));
    this.#waiters.clear();
  }
}
