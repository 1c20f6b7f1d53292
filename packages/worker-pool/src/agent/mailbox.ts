import type { HeddleError, Outcome } from '@heddle/core';
import {
  AGENT_SIGNAL,
  AGENT_STATE,
  AGENT_STOP,
  AGENT_SUBSCRIBE,
  AGENT_WATCH,
  type AgentStep,
  type SubscriptionInput,
  type WatchInput,
} from '../protocol/agent.ts';

/** Somebody who waits for the answer to a signal. The first answer counts. */
export interface Call {
  readonly id: number;
  settle(outcome: Outcome): void;
}

/** Somebody who asked for the state. */
interface StateReader {
  resolve(state: unknown): void;
  reject(error: HeddleError): void;
}

/** What waits for its turn. */
export type Mail =
  | {
      readonly kind: 'signal';
      readonly signal: string;
      readonly data: unknown;
      /** The data is the host's own, of a child, and has to be decoded. */
      readonly encoded: boolean;
      readonly call: Call | undefined;
    }
  | { readonly kind: 'state'; readonly reader: StateReader }
  | { readonly kind: 'watch'; readonly watch: WatchInput; readonly onAsked: () => void }
  | { readonly kind: 'subscribe'; readonly subscription: SubscriptionInput }
  | { readonly kind: 'stop' };

/** What waits for one agent, in the order in which it came. */
export class Mailbox {
  #mails: Mail[] = [];
  // Where the first one stands; what is before has been taken.
  #first = 0;
  readonly #withdrawn = new Set<Mail>();
  // Those in it that may be withdrawn: a call, a watch, a subscription.
  readonly #waiting = new Set<Mail>();
  // Invariant: the signals among them that a sender sent and nobody has withdrawn.
  #signals = 0;

  get signals(): number {
    return this.#signals;
  }

  add(mail: Mail): void {
    this.#mails.push(mail);
    this.#entered(mail);
  }

  /** Puts one back that was taken and has not been carried out. */
  putBack(mail: Mail): void {
    if (this.#first > 0) this.#mails[--this.#first] = mail;
    else this.#mails.unshift(mail);
    this.#entered(mail);
  }

  #entered(mail: Mail): void {
    if (counts(mail)) this.#signals++;
    if (mail.kind !== 'signal' || mail.call !== undefined) this.#waiting.add(mail);
  }

  take(): Mail | undefined {
    for (;;) {
      const mail = this.#mails[this.#first];
      if (mail === undefined) return undefined;
      this.#first++;
      // Amortised: what was taken is let go of when it is half of all; and at once when that is all, for a resting agent holds no data.
      if (this.#first === this.#mails.length || (this.#first > 32 && this.#first * 2 > this.#mails.length)) {
        this.#mails = this.#mails.slice(this.#first);
        this.#first = 0;
      }
      if (this.#withdrawn.delete(mail)) continue;
      this.#waiting.delete(mail);
      if (counts(mail)) this.#signals--;
      return mail;
    }
  }

  /** Takes back one that has not been taken. */
  withdraw(mail: Mail): void {
    if (!this.#waiting.delete(mail)) return;
    this.#withdrawn.add(mail);
    if (counts(mail)) this.#signals--;
  }

  /** Whether one that may be withdrawn is still in it. */
  has(mail: Mail): boolean {
    return this.#waiting.has(mail);
  }

  /** Takes all. */
  *empty(): Iterable<Mail> {
    for (let mail = this.take(); mail !== undefined; mail = this.take()) yield mail;
  }
}

/** What the host itself sends is let in whatever waits. */
function counts(mail: Mail): boolean {
  return mail.kind === 'signal' && !mail.encoded;
}

/** The turn that a mail is. */
export function stepOf(mail: Mail): AgentStep {
  switch (mail.kind) {
    case 'signal':
      return [AGENT_SIGNAL, mail.signal, mail.data, mail.call?.id, mail.encoded];
    case 'state':
      return [AGENT_STATE];
    case 'watch':
      return [AGENT_WATCH, mail.watch];
    case 'subscribe':
      return [AGENT_SUBSCRIBE, mail.subscription];
    case 'stop':
      return [AGENT_STOP];
  }
}
