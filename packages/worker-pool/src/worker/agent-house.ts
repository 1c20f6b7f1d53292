import { HeddleError, type Outcome, ok } from '@heddle/core';
import {
  AGENT_ADOPT,
  AGENT_FORGET,
  AGENT_HEARD,
  AGENT_OPEN,
  AGENT_PARENT,
  AGENT_PING,
  AGENT_PONG,
  AGENT_SEND,
  AGENT_SENT,
  AGENT_STOP,
  AGENT_UNSUBSCRIBE,
  AGENT_UNWATCH,
  type AgentControl,
  type AgentSaying,
  type AgentStep,
} from '../protocol/agent.ts';
import { decodeOutcome } from '../protocol/codec.ts';
import { OUTPUT_AGENT } from '../protocol/output.ts';
import { uncloneableError } from '../protocol/uncloneable.ts';
import { AgentLife, type AgentPlan, refusal } from './agent-life.ts';
import type { AgentLane } from './signal-context.ts';
import { TaskContext } from './task-context.ts';

/** The agents that live on one lane, by the keys of their tasks. */
export class AgentHouse implements AgentLane {
  readonly #post: (message: readonly unknown[]) => void;
  readonly #lives = new Map<number | string, AgentLife>();
  /** Signals on their way to other agents, by number: settled when the host says whether they were taken. */
  readonly #sends = new Map<number, (outcome: Outcome<undefined>) => void>();
  #numbers = 0;

  constructor(post: (message: readonly unknown[]) => void) {
    this.#post = post;
  }

  /** Makes an agent, or makes it again. */
  open(plan: AgentPlan, [op, input]: AgentStep, ctx: TaskContext): Outcome {
    const { task } = TaskContext.taskOf(ctx);
    if (op !== AGENT_OPEN) throw new HeddleError('internal_error', 'An agent was begun with another step than its first');
    this.#lives.set(task, new AgentLife(this, task, plan, input));
    return ok(undefined);
  }

  /** A turn of an agent that lives here. */
  step(input: AgentStep, ctx: TaskContext): unknown {
    const { task } = TaskContext.taskOf(ctx);
    const life = this.#lives.get(task);
    if (life === undefined) throw new HeddleError('not_found', 'The agent is not here any more');
    if (input[0] === AGENT_STOP) this.#lives.delete(task);
    return life.step(input, ctx);
  }

  receive([op, agent, value, payload]: AgentControl): void {
    const life = this.#lives.get(agent);
    switch (op) {
      case AGENT_FORGET:
        this.#lives.delete(agent);
        return;
      case AGENT_UNWATCH:
        life?.unwatch(Number(value));
        return;
      case AGENT_UNSUBSCRIBE:
        life?.unsubscribe(Number(value));
        return;
      case AGENT_HEARD:
        life?.heard(Number(value));
        return;
      case AGENT_PARENT:
        if (life !== undefined) life.parent = value === undefined ? undefined : String(value);
        return;
      case AGENT_PING:
        if (life !== undefined) this.say([AGENT_PONG, agent, Number(value)]);
        return;
      case AGENT_SENT:
        this.#sent(Number(agent), decodeOutcome(value, payload) as Outcome<undefined>); // the host gives no value
    }
  }

  #sent(number: number, outcome: Outcome<undefined>): void {
    this.#sends.get(number)?.(outcome);
    this.#sends.delete(number);
  }

  send(from: AgentLife, target: string, signal: string, data: unknown): Promise<Outcome<undefined>> {
    const number = ++this.#numbers;
    try {
      this.say([AGENT_SEND, from.key, number, String(target), String(signal), data]);
    } catch (cause) {
      return Promise.resolve(refusal(uncloneableError(from.plan.metadata.name, 'data', data, cause)));
    }
    return new Promise((resolve) => this.#sends.set(number, resolve));
  }

  adopt(parent: AgentLife, id: string, tag: string): Promise<Outcome<undefined>> {
    const number = ++this.#numbers;
    this.say([AGENT_ADOPT, parent.key, number, id, tag]);
    return new Promise((resolve) => this.#sends.set(number, resolve));
  }

  say(saying: AgentSaying): void {
    this.#post([OUTPUT_AGENT, saying]);
  }
}
