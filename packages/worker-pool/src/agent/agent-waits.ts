import { type Completion, fail, type HeddleError, type Outcome, ok } from '@heddle/core';
import type { Clock } from '../clock.ts';
import {
  AGENT_HEARD,
  AGENT_PING,
  AGENT_UNSUBSCRIBE,
  AGENT_UNWATCH,
  type AgentInput,
  type Path,
  type SubscriptionInput,
  type WatchInput,
} from '../protocol/agent.ts';
import { goneError, waitTimeoutError } from './agent-error.ts';
import type { ParsedWait } from './agent-options.ts';
import type { Mail } from './mailbox.ts';
import { watchWait } from './timed-wait.ts';

/** What the waits for an agent need of it. */
export interface WaitedFor {
  readonly id: string;
  readonly status: string;
  readonly queueLength: number;
  /** It does nothing that could change its state, and no signal waits. */
  readonly idle: boolean;
  post(mail: Mail): void;
  withdraw(mail: Mail): void;
  /** To its thread, beside its turns; nowhere while it is on none. */
  control(op: number, value?: unknown): void;
  /** Calls a listener of the user's. */
  guard(callback: string, call: () => void): void;
}

interface Watch {
  readonly input: WatchInput;
  settle(outcome: Outcome<Completion<unknown, unknown>>): void;
}

interface Listener {
  readonly input: SubscriptionInput;
  hear(value: unknown): void;
}

/**
 * Who waits for an agent's state, on the host: for its completion, for changes, for a sign of life. The state itself is looked at in the
 * thread; all that crosses is the answer. Each wait is answered once, at the latest when the agent ends. Source: SEMANTICS W-2, W-3, W-5.
 */
export class AgentWaits {
  readonly #agent: WaitedFor;
  readonly #clock: Clock;
  readonly #watches = new Map<number, Watch>();
  readonly #listeners = new Map<number, Listener>();
  readonly #pings = new Map<number, (answered: boolean) => void>();
  #numbers = 0;

  constructor(agent: WaitedFor, clock: Clock) {
    this.#agent = agent;
    this.#clock = clock;
  }

  /** What the thread has to know of when the agent is made again. */
  get inputs(): { readonly watches: readonly WatchInput[]; readonly subscriptions: readonly SubscriptionInput[] } {
    return {
      watches: [...this.#watches.values()].map(({ input }) => input),
      subscriptions: [...this.#listeners.values()].map(({ input }) => input),
    };
  }

  /** The agent was opened. Who has given up meanwhile was told to its thread too early, and is again; so is who has asked. */
  opened(input: AgentInput): void {
    this.known(input);
    for (const id of this.#pings.keys()) this.#agent.control(AGENT_PING, id);
  }

  /** The thread knows of these now. */
  known({ watches, subscriptions }: Pick<AgentInput, 'watches' | 'subscriptions'>): void {
    for (const { id } of watches) if (!this.#watches.has(id)) this.#agent.control(AGENT_UNWATCH, id);
    for (const { id } of subscriptions) if (!this.#listeners.has(id)) this.#agent.control(AGENT_UNSUBSCRIBE, id);
  }

  completion(wait: ParsedWait, paths: Omit<WatchInput, 'id'>, again = false): Promise<Outcome<Completion<unknown, unknown>>> {
    const agent = this.#agent;
    const startedMs = this.#clock.now();
    const late = (): HeddleError => waitTimeoutError('has not completed', agent, wait.timeoutMs, this.#clock.now() - startedMs);
    const atOnce = wait.timeoutMs === 0;
    // What it is busy with may yet complete it; what is there already is known of an idle one alone.
    // The end of a turn may be right behind what it said: it gets a turn of the loop.
    if (atOnce && !agent.idle && !again)
      return new Promise((resolve) => this.#clock.turn(() => resolve(this.completion(wait, paths, true))));
    if (atOnce && !agent.idle) return Promise.resolve(fail(late()));
    return new Promise((resolve) => {
      const id = ++this.#numbers;
      const settle = (outcome: Outcome<Completion<unknown, unknown>>): void => {
        if (!this.#watches.delete(id)) return;
        done();
        resolve(outcome);
      };
      const giveUp = (error: HeddleError): void => {
        agent.withdraw(mail);
        agent.control(AGENT_UNWATCH, id);
        settle(fail(error));
      };
      const onAsked = (): void => {
        if (atOnce && this.#watches.has(id)) giveUp(late());
      };
      const mail: Mail = { kind: 'watch', watch: { id, ...paths }, onAsked };
      this.#watches.set(id, { input: mail.watch, settle });
      const limited = atOnce ? { ...wait, timeoutMs: Number.POSITIVE_INFINITY } : wait;
      const done = watchWait(this.#clock, limited, late, giveUp);
      agent.post(mail);
    });
  }

  watched(id: number, outcome: Outcome): void {
    // An error that the state holds comes as one, marked; any other is the wait's own.
    const completion = outcome.ok
      ? ok(outcome.value as Completion<unknown, unknown>) // as the thread wrote it
      : outcome.directive === 'failed'
        ? ok({ status: 'failed', result: outcome.error } as const)
        : fail(outcome.error);
    this.#watches.get(id)?.settle(completion);
  }

  subscribe(paths: readonly Path[] | undefined, listener: (value: unknown) => void): () => void {
    const id = ++this.#numbers;
    const mail: Mail = { kind: 'subscribe', subscription: { id, paths } };
    const hear = (value: unknown): void => this.#agent.guard('subscribe', () => listener(value));
    this.#listeners.set(id, { input: mail.subscription, hear });
    this.#agent.post(mail);
    return () => {
      if (!this.#listeners.delete(id)) return;
      this.#agent.withdraw(mail);
      this.#agent.control(AGENT_UNSUBSCRIBE, id);
    };
  }

  changed(id: number, value: unknown): void {
    const listener = this.#listeners.get(id);
    if (listener === undefined) return;
    listener.hear(value);
    this.#agent.control(AGENT_HEARD, id);
  }

  responds(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const id = ++this.#numbers;
      const answer = (answered: boolean): void => {
        if (!this.#pings.delete(id)) return;
        timer?.cancel();
        resolve(answered);
      };
      this.#pings.set(id, answer);
      const expire = (): void => this.#clock.turn(() => answer(false));
      const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(timeoutMs, expire);
      this.#agent.control(AGENT_PING, id);
    });
  }

  answered(id: number): void {
    this.#pings.get(id)?.(true);
  }

  /** The agent has ended. */
  end(cause: unknown): void {
    for (const { settle } of [...this.#watches.values()]) settle(fail(goneError(this.#agent.id, cause)));
    for (const answer of [...this.#pings.values()]) answer(false);
    this.#listeners.clear();
  }
}
