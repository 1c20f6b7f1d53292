import { fail, type HeddleError, type Outcome } from '@heddle/core';
import { mailboxFullError } from './agent-error.ts';
import { type Call, type Mail, Mailbox } from './mailbox.ts';

/** What comes for one agent, and who waits for an answer to it. Each call is settled once, at the latest by {@link end}. */
export class AgentPost {
  readonly #id: string;
  readonly #limit: number;
  readonly #mailbox = new Mailbox();
  // Invariant: the calls that wait in the mailbox or have their turn, and were neither answered nor given up.
  readonly #calls = new Map<number, Call>();

  constructor(id: string, limit: number) {
    this.#id = id;
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#mailbox.signals;
  }

  /** @throws HeddleError `overloaded` */
  signal(signal: string, data: unknown, call: Call | undefined): Mail {
    if (this.#mailbox.signals >= this.#limit) throw mailboxFullError(this.#id, this.#limit);
    if (call !== undefined) this.#calls.set(call.id, call);
    const mail: Mail = { kind: 'signal', signal, data, encoded: false, call };
    this.#mailbox.add(mail);
    return mail;
  }

  add(mail: Mail): void {
    this.#mailbox.add(mail);
  }

  take(): Mail | undefined {
    return this.#mailbox.take();
  }

  putBack(mail: Mail): void {
    this.#mailbox.putBack(mail);
  }

  withdraw(mail: Mail): void {
    this.#mailbox.withdraw(mail);
  }

  /** Whether a mail has had its turn, or has it. */
  hasTaken(mail: Mail): boolean {
    return !this.#mailbox.has(mail);
  }

  replied(id: number, outcome: Outcome): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.settle(outcome);
  }

  /** The signal of a mail has failed: so has its call, if nobody has answered it. */
  failed(mail: Mail | undefined, error: HeddleError): void {
    if (mail?.kind === 'signal' && mail.call !== undefined) this.replied(mail.call.id, fail(error));
  }

  /** Whoever called has given up. */
  forget({ id }: Call): void {
    this.#calls.delete(id);
  }

  /** The agent has ended. A call is told why itself; whoever asked for the state, that it is gone. */
  end(turn: Mail | undefined, error: HeddleError, gone: HeddleError): void {
    if (turn !== undefined) refuse(turn, gone);
    for (const mail of this.#mailbox.empty()) refuse(mail, gone);
    for (const id of [...this.#calls.keys()]) this.replied(id, fail(error));
  }
}

/** Tells whoever asked for the state by a mail that there is none any more. */
export function refuse(mail: Mail, gone: HeddleError): void {
  if (mail.kind === 'state') mail.reader.reject(gone);
}
