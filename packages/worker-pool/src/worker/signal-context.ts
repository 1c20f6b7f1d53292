import {
  type Action,
  type ActionMetadata,
  type AgentChild,
  type AgentContext,
  type AgentDefinition,
  type AgentPeer,
  type ChildRef,
  fail,
  HeddleError,
  isAction,
  isAgent,
  isOutcome,
  type NestedArguments,
  type Outcome,
  type ParentDeathPolicy,
  type RemoteServices,
  type TaskLog,
} from '@heddle/core';
import { isRecord, kindOf } from '@heddle/core/engine';
import { parseNestedOptions } from '../nested-options.ts';
import { AGENT_CANCEL_CHILD, AGENT_SPAWN, type AgentSaying, type SpawnWish } from '../protocol/agent.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import type { AgentLife } from './agent-life.ts';
import type { TaskContext } from './task-context.ts';

/** What an agent needs of its lane. */
export interface AgentLane {
  say(saying: AgentSaying): void;
  /** Sends a signal through the host; settles with whether it was taken. */
  send(from: AgentLife, target: string, signal: string, data: unknown): Promise<Outcome<undefined>>;
  /** Asks the host to put another agent below one; settles with whether that was done. */
  adopt(parent: AgentLife, id: string, tag: string): Promise<Outcome<undefined>>;
}

const POLICIES: readonly unknown[] = ['stop', 'continue', 'orphan'];

/** The `ctx` of one signal: that of its task, and what an agent has beside. */
export class SignalContext implements AgentContext {
  readonly #life: AgentLife;
  readonly #task: TaskContext;
  #reply: ((value: unknown) => void) | undefined;

  constructor(life: AgentLife, task: TaskContext, reply: ((value: unknown) => void) | undefined) {
    this.#life = life;
    this.#task = task;
    this.#reply = reply;
  }

  get signal(): AbortSignal {
    return this.#task.signal;
  }

  throwIfCancelled(): void {
    this.#task.throwIfCancelled();
  }

  get deadline(): number {
    return this.#task.deadline;
  }

  remainingMs(): number {
    return this.#task.remainingMs();
  }

  get taskId(): string {
    return this.#task.taskId;
  }

  get action(): ActionMetadata {
    return this.#life.plan.metadata;
  }

  get context(): Readonly<Record<string, unknown>> {
    return this.#task.context;
  }

  get log(): TaskLog {
    return this.#task.log;
  }

  get services(): RemoteServices {
    return this.#task.services;
  }

  defer(cleanup: () => unknown): void {
    this.#task.defer(cleanup);
  }

  run<P, V>(action: Action<P, V>, ...rest: NestedArguments<P>): Promise<Outcome<V>> {
    return this.#task.run(action, ...rest);
  }

  start<P, V>(action: Action<P, V>, ...rest: NestedArguments<P>): ChildRef<V> {
    return this.#task.start(action, ...rest);
  }

  get self(): AgentPeer {
    return this.agent(this.#life.id);
  }

  get parent(): AgentPeer | undefined {
    const { parent } = this.#life;
    return parent === undefined ? undefined : this.agent(parent);
  }

  get children(): ReadonlyMap<string, AgentChild> {
    return new Map([...this.#life.children].map(([tag, id]) => [tag, this.#child(tag, id)]));
  }

  agent(id: string): AgentPeer {
    const life = this.#life;
    return { id, send: (signal, data) => life.lane.send(life, id, signal, data) };
  }

  #child(tag: string, id: string): AgentChild {
    const life = this.#life;
    const cancel = (reason = 'cancelled'): void => life.say([AGENT_CANCEL_CHILD, life.key, tag, String(reason)]);
    return { ...this.agent(id), tag, cancel };
  }

  reply(value: unknown): void {
    this.replyOnce(value);
  }

  /** The first answer counts. */
  replyOnce(value: unknown): void {
    const reply = this.#reply;
    if (reply === undefined) return;
    reply(value);
    this.#reply = undefined;
  }

  adopt(id: string, tag: string): Promise<Outcome<undefined>> {
    for (const [name, value] of Object.entries({ id, tag }))
      if (typeof value !== 'string' || value === '')
        throw new HeddleError(
          'invalid_input',
          `\`ctx.adopt\` takes an id and a tag, strings that are not empty; \`${name}\` is ${kindOf(value)}`,
        );
    return this.#life.lane.adopt(this.#life, id, tag);
  }

  spawn(tag: string, what: unknown, given?: unknown, options?: unknown): AgentChild {
    const life = this.#life;
    if (typeof tag !== 'string' || tag === '')
      throw new HeddleError('invalid_input', `The tag of a spawned child must be a string that is not empty; got ${kindOf(tag)}`);
    const taken = life.children.get(tag);
    if (taken !== undefined) throw new HeddleError('tag_in_use', `The tag ${tag} is in use: ${taken} has not ended`, { details: { tag } });
    const wish = wishOf(tag, what, given, options ?? {}, this.context);
    const id = wish.id ?? `${life.id}/${tag}`;
    try {
      life.say([AGENT_SPAWN, life.key, { ...wish, id }]);
    } catch (cause) {
      throw uncloneableError(wish.name, wish.kind === 'agent' ? 'state' : 'params', wish.given, cause);
    }
    life.children.set(tag, id);
    return this.#child(tag, id);
  }
}

function wishOf(tag: string, what: unknown, given: unknown, options: unknown, inherited: unknown): SpawnWish {
  if (!isRecord(options)) throw new HeddleError('invalid_input', `Invalid options: expected an object, got ${kindOf(options)}`);
  const { onParentDeath = 'stop', id, context, ...rest } = options;
  if (!POLICIES.includes(onParentDeath))
    throw new HeddleError('invalid_input', "Invalid options: `onParentDeath` must be 'stop', 'continue' or 'orphan'");
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw new HeddleError('invalid_input', `Invalid options: \`id\` must be a string that is not empty; got ${kindOf(id)}`);
  const shared = { tag, id, context: context ?? inherited, policy: onParentDeath as ParentDeathPolicy }; // checked above
  if (isAgent(what)) return { ...shared, ...identityOf(what), kind: 'agent', given, options: agentOptions(rest) };
  if (!isAction(what))
    throw new HeddleError(
      'invalid_action',
      `Got ${kindOf(what)} instead of an action or an agent: pass what \`defineAction\` or \`defineAgent\` returned`,
    );
  const { signal, tag: _none, ...parsed } = parseNestedOptions(rest);
  if (signal !== undefined || id !== undefined)
    throw new HeddleError(
      'invalid_input',
      `Invalid options: \`${id === undefined ? 'signal' : 'id'}\` is not an option of an action that an agent spawns`,
    );
  const params = isOutcome(given) ? unwrapped(given) : given;
  return { ...shared, ...identityOf(what), kind: 'action', given: params, options: parsed };
}

function identityOf({ module, name }: AgentDefinition | ActionMetadata): { readonly module: string; readonly name: string } {
  return { module, name };
}

function agentOptions(rest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(rest).map((key) => `\`${key}\` is not an option of a spawned agent`);
  if (unknown.length > 0) throw new HeddleError('invalid_input', `Invalid options: ${unknown.join('; ')}`);
  return {};
}

function unwrapped(given: Outcome): unknown {
  if (given.ok) return given.value;
  throw fail(given.error).error;
}
