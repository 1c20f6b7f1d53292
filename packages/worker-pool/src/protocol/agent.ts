import type { CompletionPaths, ParentDeathPolicy } from '@heddle/core';

/**
 * What agents and their host say to each other. A signal is a task on the agent's lane whose params are an {@link AgentStep}; everything
 * that needs no turn of the agent's goes by itself, over the same port.
 */
export const AGENT_OPEN = 0;
export const AGENT_SIGNAL = 1;
export const AGENT_STATE = 2;
export const AGENT_WATCH = 3;
export const AGENT_SUBSCRIBE = 4;
export const AGENT_STOP = 5;

/** A path into a state. */
export type Path = readonly (string | number)[];

/** A wait for completion, in the thread. */
export interface WatchInput extends Required<CompletionPaths> {
  readonly id: number;
  readonly statusPath: Path;
  readonly resultPath: Path;
  readonly errorPath: Path;
}

/** A listener, in the thread; without paths it hears of the whole state. */
export interface SubscriptionInput {
  readonly id: number;
  readonly paths: readonly Path[] | undefined;
}

/** What an agent is made of, at its start and again when it is restarted. */
export interface AgentInput {
  readonly id: string;
  readonly state: Readonly<Record<string, unknown>>;
  readonly parent: string | undefined;
  readonly children: readonly (readonly [tag: string, id: string])[];
  readonly watches: readonly WatchInput[];
  readonly subscriptions: readonly SubscriptionInput[];
  /** Each new state goes to the host with the outcome of its signal. */
  readonly snapshots: boolean;
}

/** One turn of an agent. */
export type AgentStep =
  | readonly [op: typeof AGENT_OPEN, agent: AgentInput]
  /** `encoded`: the data is a {@link ChildData}. */
  | readonly [op: typeof AGENT_SIGNAL, signal: string, data: unknown, call: number | undefined, encoded: boolean]
  | readonly [op: typeof AGENT_STATE]
  | readonly [op: typeof AGENT_WATCH, watch: WatchInput]
  | readonly [op: typeof AGENT_SUBSCRIBE, subscription: SubscriptionInput]
  | readonly [op: typeof AGENT_STOP];

/** What is told of a child; with an outcome's form and payload when it has ended. */
export interface ChildData {
  readonly tag: string;
  readonly id: string;
  readonly ended: readonly [form: number, payload: unknown] | undefined;
  /** Its start was refused, because another has its tag. */
  readonly refused: boolean;
}

/** Needs no turn: the host lets go of it, has heard of its state, answers what it sent. */
export const AGENT_FORGET = 0;
export const AGENT_UNWATCH = 1;
export const AGENT_UNSUBSCRIBE = 2;
export const AGENT_HEARD = 3;
export const AGENT_PING = 4;
export const AGENT_SENT = 5;
export const AGENT_PARENT = 6;

/** To an agent, beside its turns. `value` is a watch's, subscription's or ping's number, the parent's id, an outcome. */
export type AgentControl = readonly [op: number, agent: number | string, value?: unknown, payload?: unknown];

/** What an agent says beside the outcomes of its turns. */
export const AGENT_WATCHED = 0;
export const AGENT_CHANGED = 1;
export const AGENT_REPLY = 2;
export const AGENT_SEND = 3;
export const AGENT_SPAWN = 4;
export const AGENT_CANCEL_CHILD = 5;
export const AGENT_PONG = 6;
export const AGENT_ADOPT = 7;

/** A child that an agent wants started. */
export interface SpawnWish {
  readonly tag: string;
  readonly kind: 'action' | 'agent';
  readonly module: string;
  readonly name: string;
  /** An action's params, an agent's state. */
  readonly given: unknown;
  readonly context: unknown;
  readonly id: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly policy: ParentDeathPolicy;
}

/** What an agent says; `agent` is its task's key. */
export type AgentSaying =
  | readonly [op: typeof AGENT_WATCHED, agent: number | string, watch: number, form: number, payload: unknown]
  | readonly [op: typeof AGENT_CHANGED, agent: number | string, subscription: number, value: unknown]
  | readonly [op: typeof AGENT_REPLY, agent: number | string, call: number, value: unknown]
  | readonly [op: typeof AGENT_SEND, agent: number | string, number: number, target: string, signal: string, data: unknown]
  | readonly [op: typeof AGENT_SPAWN, agent: number | string, wish: SpawnWish]
  | readonly [op: typeof AGENT_CANCEL_CHILD, agent: number | string, tag: string, reason: string]
  | readonly [op: typeof AGENT_ADOPT, agent: number | string, number: number, id: string, tag: string]
  | readonly [op: typeof AGENT_PONG, agent: number | string, ping: number];
