import type { Action } from './action.ts';
import type { AgentDefinition } from './agent.ts';
import type { ActionContext } from './context.ts';
import type { ParentDeathPolicy, SpawnArguments } from './nested.ts';
import type { Outcome } from './outcome.ts';

/** An agent as another one sees it, by its id. */
export interface AgentPeer {
  readonly id: string;
  /**
   * Sends it a signal. Signals of one sender arrive in order. The outcome says whether the signal was taken into the mailbox, not how it
   * was handled: `overloaded`, `not_found`, `validation_error` otherwise. Never rejects, and need not be awaited.
   */
  send(signal: string, data?: unknown): Promise<Outcome<undefined>>;
}

/** A child of an agent, as its parent sees it. How it ends arrives as the signal `child.exit`. */
export interface AgentChild extends AgentPeer {
  readonly tag: string;
  /** Asks it to end, then forces it. */
  cancel(reason?: string): void;
}

/** How an agent spawns an agent. */
export interface SpawnAgentOptions {
  /** @defaultValue the parent's id, a slash, and the tag */
  readonly id?: string;
  /** @defaultValue 'stop' */
  readonly onParentDeath?: ParentDeathPolicy;
}

/** What the signal `child.start` says. */
export interface ChildStart {
  readonly tag: string;
  readonly id: string;
}

/** What the signal `child.exit` says: of an agent that was stopped the value is its last state. */
export interface ChildExit extends ChildStart {
  readonly outcome: Outcome;
}

/** The signals that every agent understands, whether or not its `on` names them, and what comes with them. */
export interface StandardSignals {
  /** Somebody asks it to end. Unless handled, `status` becomes `failed` and `error` `{ type: 'cancelled', reason }`. */
  readonly cancel: { readonly reason: string };
  /** Somebody asks how it is. Unless handled, answered by what stands at `status`. */
  readonly status: undefined;
  /** A child has started. Unless handled, nothing. */
  readonly 'child.start': ChildStart;
  /** A child has ended, or could not be started. Unless handled, nothing. Its tag is free again. */
  readonly 'child.exit': ChildExit;
}

/**
 * What a handler of an agent is given beside state and data: for one signal, in the agent's thread. Children that it starts by `run` and
 * `start` end with the handler; those it spawns belong to the agent. Source: SEMANTICS W-1, W-6.
 */
export interface AgentContext extends Omit<ActionContext, 'attempt' | 'decorate' | 'spawn' | 'progress' | 'transfer'> {
  /** The agent itself. */
  readonly self: AgentPeer;
  /** The agent that spawned or adopted it. */
  readonly parent: AgentPeer | undefined;
  /** Its children by tag. One that has ended is there until its `child.exit` is handled. */
  readonly children: ReadonlyMap<string, AgentChild>;
  /** Any agent of the runtime, by id. Whether it is there is seen when something is sent. */
  agent(id: string): AgentPeer;
  /**
   * Answers whoever called, at once; the first answer counts. A call that is not answered by the end of its handler is answered by the new
   * state.
   *
   * @throws HeddleError `uncloneable`
   */
  reply(value: unknown): void;
  /**
   * Makes a running agent that has no parent a child of this one, under a tag; it keeps its id, and arrives as the signal `child.start`.
   * Settles with whether that was done: `not_found`, `tag_in_use`, and `invalid_input` for one that has a parent, or is above this one.
   */
  adopt(id: string, tag: string): Promise<Outcome<undefined>>;
  /**
   * Starts a child that belongs to the agent and lives on after the handler. What is wrong with the action, the agent or its input arrives
   * as the signal `child.exit`.
   *
   * @throws HeddleError `tag_in_use`; `invalid_action`; `invalid_input` for options at fault; `uncloneable`
   */
  spawn<P, V>(tag: string, action: Action<P, V>, ...rest: SpawnArguments<P>): AgentChild;
  spawn<S, G>(tag: string, agent: AgentDefinition<S, G>, state?: Partial<S>, options?: SpawnAgentOptions): AgentChild;
}
