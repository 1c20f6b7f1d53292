import {
  type ActionMetadata,
  type AgentContext,
  type AgentDefinition,
  fail,
  HeddleError,
  isOutcome,
  type Outcome,
  ok,
  type SignalHandler,
} from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { Validator } from '@heddle/core/validation';
import { schemaError } from '../agent/agent-error.ts';
import {
  AGENT_CHANGED,
  AGENT_OPEN,
  AGENT_REPLY,
  AGENT_SIGNAL,
  AGENT_STATE,
  AGENT_STOP,
  AGENT_SUBSCRIBE,
  AGENT_WATCH,
  AGENT_WATCHED,
  type AgentInput,
  type AgentSaying,
  type AgentStep,
  type ChildData,
  type SubscriptionInput,
  type WatchInput,
} from '../protocol/agent.ts';
import { decodeOutcome, encodeOutcome, isErrorLike } from '../protocol/codec.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import { freezeState, valueAt } from './agent-state.ts';
import { type AgentLane, SignalContext } from './signal-context.ts';
import { standardHandler } from './standard-signal.ts';
import { TaskContext } from './task-context.ts';

/** An agent's definition ready for its thread. */
export interface AgentPlan {
  readonly metadata: ActionMetadata;
  readonly on: AgentDefinition['on'];
  readonly state: Validator;
}

type State = Readonly<Record<string, unknown>>;
type Subscription = SubscriptionInput & { last: unknown; busy: boolean };

/**
 * One agent in its thread: its state, who waits for what in it, its children's tags.
 * Guarantees: the state is always one that the schema allows; a turn that fails leaves it as it was; whoever waits hears before the turn's
 * outcome leaves. Source: SEMANTICS W-1, W-2.
 */
export class AgentLife {
  readonly key: number | string;
  readonly id: string;
  readonly plan: AgentPlan;
  readonly lane: AgentLane;
  parent: string | undefined;
  /** By tag, the ids of its children: until their end is handled here. */
  readonly children: Map<string, string>;
  readonly #snapshots: boolean;
  readonly #watches = new Map<number, WatchInput>();
  readonly #subscriptions = new Map<number, Subscription>();
  #state: State;

  constructor(lane: AgentLane, key: number | string, plan: AgentPlan, input: AgentInput) {
    this.lane = lane;
    this.key = key;
    this.plan = plan;
    this.id = input.id;
    this.parent = input.parent;
    this.children = new Map(input.children);
    this.#snapshots = input.snapshots;
    this.#state = freezeState(input.state);
    for (const watch of input.watches) this.#watch(watch);
    for (const subscription of input.subscriptions) this.#subscribe(subscription);
  }

  /** One turn. Throws and rejects with what a handler threw. */
  step(input: AgentStep, ctx: TaskContext): unknown {
    switch (input[0]) {
      case AGENT_OPEN:
        return undefined;
      case AGENT_SIGNAL:
        return this.#signal(input[1], input[4] ? this.#childData(input[2] as ChildData) : input[2], input[3], ctx); // as the host marks it
      case AGENT_STATE:
      case AGENT_STOP:
        return ok(this.#state);
      case AGENT_WATCH:
        this.#watch(input[1]);
        return undefined;
      case AGENT_SUBSCRIBE:
        this.#subscribe(input[1]);
        return undefined;
    }
  }

  /** A child has started or ended: its tag is taken or free from the turn on that tells so. */
  #childData({ tag, id, ended, refused }: ChildData): unknown {
    if (ended === undefined) {
      this.children.set(tag, id);
      return { tag, id };
    }
    if (!refused) this.children.delete(tag);
    return { tag, id, outcome: decodeOutcome(...ended) };
  }

  #signal(signal: string, data: unknown, call: number | undefined, ctx: TaskContext): unknown {
    const handler = (this.plan.on[signal] as SignalHandler<unknown, unknown> | undefined) ?? standardHandler(signal);
    if (handler === undefined) return fail(new HeddleError('invalid_input', `Agent ${this.plan.metadata.name} does not handle ${signal}`));
    const reply = call === undefined ? undefined : (value: unknown): void => this.#reply(call, value);
    const own = new SignalContext(this, ctx, reply);
    const next = handler(this.#state, data, own as AgentContext);
    if (!isThenable(next)) return this.#accept(next, own, ctx);
    return Promise.resolve(next).then((later) => this.#accept(later, own, ctx));
  }

  #reply(call: number, value: unknown): void {
    try {
      this.say([AGENT_REPLY, this.key, call, value]);
    } catch (cause) {
      throw uncloneableError(this.plan.metadata.name, 'reply', value, cause);
    }
  }

  /** Takes over what a handler gave, unless it was failed meanwhile. */
  #accept(given: unknown, own: SignalContext, ctx: TaskContext): Outcome {
    const asked = TaskContext.cancelErrorOf(ctx);
    if (asked !== undefined) return fail(asked);
    if (TaskContext.isEnded(ctx)) return fail(new HeddleError('internal_error', 'The handler had ended'));
    if (isOutcome(given) && !given.ok) return given;
    const next = isOutcome(given) && given.ok ? given.value : given;
    if (next !== undefined) {
      const checked = this.plan.state.validate(next);
      if (!checked.ok) return fail(schemaError('state', this.plan.metadata.name, checked.faults));
      // The schema describes an object, or the definition would have been refused.
      this.#state = freezeState(checked.value as State);
      this.#tell();
    }
    own.replyOnce(this.#state);
    return ok(next !== undefined && this.#snapshots ? this.#state : undefined);
  }

  #tell(): void {
    for (const watch of [...this.#watches.values()]) this.#check(watch);
    for (const subscription of this.#subscriptions.values()) this.#publish(subscription);
  }

  #watch(watch: WatchInput): void {
    this.#watches.set(watch.id, watch);
    this.#check(watch);
  }

  unwatch(id: number): void {
    this.#watches.delete(id);
  }

  #check({ id, statusPath, resultPath, errorPath }: WatchInput): void {
    const status = valueAt(this.#state, statusPath);
    if (status !== 'completed' && status !== 'failed') return;
    this.#watches.delete(id);
    const result = valueAt(this.#state, status === 'completed' ? resultPath : errorPath);
    try {
      // An error among the state crosses as errors do.
      if (status === 'failed' && isErrorLike(result)) this.say([AGENT_WATCHED, this.key, id, ...encodeOutcome(fail(result, status))]);
      else this.say([AGENT_WATCHED, this.key, id, ...encodeOutcome(ok({ status, result }))]);
    } catch (cause) {
      const error = uncloneableError(this.plan.metadata.name, 'result', result, cause);
      this.say([AGENT_WATCHED, this.key, id, ...encodeOutcome(fail(error))]);
    }
  }

  #subscribe(input: SubscriptionInput): void {
    this.#subscriptions.set(input.id, { ...input, last: this.#seen(input), busy: false });
  }

  unsubscribe(id: number): void {
    this.#subscriptions.delete(id);
  }

  /** The host has heard: what has changed meanwhile is told now, the latest alone. */
  heard(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    subscription.busy = false;
    this.#publish(subscription);
  }

  #seen({ paths }: SubscriptionInput): unknown {
    return paths === undefined ? this.#state : paths.map((path) => valueAt(this.#state, path));
  }

  #publish(subscription: Subscription): void {
    if (subscription.busy) return;
    const seen = this.#seen(subscription);
    if (isSame(seen, subscription.last)) return;
    subscription.last = seen;
    subscription.busy = true;
    try {
      this.say([AGENT_CHANGED, this.key, subscription.id, seen]);
    } catch {
      // What does not clone cannot be shown; whoever asks for the state is told so.
      subscription.busy = false;
    }
  }

  say(saying: AgentSaying): void {
    this.lane.say(saying);
  }
}

function isSame(seen: unknown, last: unknown): boolean {
  if (!Array.isArray(seen) || !Array.isArray(last)) return seen === last;
  return seen.every((value, index) => Object.is(value, last[index]));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** What is wrong with a start from inside, as the error that it is. */
export function refusal(thrown: unknown): Outcome<never> {
  return fail(toHeddleError(thrown));
}
