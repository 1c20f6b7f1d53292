import { fail, type HeddleError, type Outcome, type TaskStatus } from '@heddle/core';
import type { Hosted, Standing } from '../explain/standing.ts';
import {
  AGENT_FORGET,
  AGENT_OPEN,
  AGENT_PARENT,
  AGENT_SIGNAL,
  type AgentInput,
  type AgentStep,
  type ChildData,
} from '../protocol/agent.ts';
import { encodeOutcome } from '../protocol/codec.ts';
import { INPUT_AGENT } from '../protocol/input.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { laneOf } from '../stateful/stateful-lanes.ts';
import { stepTask } from '../stateful/step-task.ts';
import type { Task } from '../task.ts';
import { AgentChildren } from './agent-children.ts';
import { goneError, handlerTimeoutError, restartLimitError } from './agent-error.ts';
import type { ParsedAgentOptions } from './agent-options.ts';
import type { AgentPorts, Parentage } from './agent-ports.ts';
import { AgentPost, refuse } from './agent-post.ts';
import type { AgentEntry } from './agent-table.ts';
import { AgentWaits, type WaitedFor } from './agent-waits.ts';
import { type Call, type Mail, stepOf } from './mailbox.ts';
import { RestartMeter } from './restart-meter.ts';

/** Where an agent stands. */
type AgentPhase = 'opening' | 'open' | 'ending' | 'settled';

type State = Readonly<Record<string, unknown>>;

/**
 * One agent as the host knows it: its mailbox, its turn, where it lives.
 *
 * ```
 *  opening ── first turn done ──▶ open: one turn after the other, or at rest
 *    ▲  │                          │  │
 *    │  │                          │  └── failed turn, lost lane, `restart` ──▶ opening, from the last good state
 *    │  └── does not open ──┐      │
 *    │                      ▼      ▼
 *    └───────────────    ending (its turn is asked to end) ──▶ settled ◀── stop, failure, lost lane
 * ```
 *
 * Guarantees: one turn at a time, in the order of the mailbox; one end; everybody who waits is answered by then. Source: SEMANTICS W-1.
 */
export class AgentRun implements WaitedFor, Hosted {
  /** Stands for it where the runtime counts, owns, awaits and cancels tasks. */
  readonly life: Task;
  readonly id: string;
  readonly entry: AgentEntry;
  /** What comes for it. */
  readonly mail: AgentPost;
  readonly waits: AgentWaits;
  readonly children: AgentChildren;
  parentage: Parentage | undefined;
  restarts = 0;
  readonly #options: ParsedAgentOptions;
  readonly #ports: AgentPorts;
  #phase: AgentPhase = 'opening';
  #begun = false;
  #stopping = false;
  /** The last good state that the host knows: the first one, and of an agent that is restarted, of each turn. */
  #state: State = {};
  #lane: SchedulerLane<Task> | undefined;
  /** While it has its turn. */
  #step: Task | undefined;
  /** The turn may change its state. */
  #handles = false;
  /** Why it is to end, once somebody has asked. */
  #ending: HeddleError | undefined;
  readonly #meter: RestartMeter;
  /** What its thread was last told of it. */
  #opening: AgentInput | undefined;
  /** When its last turn was over. */
  #stoppedMs: number | undefined;

  constructor(id: string, life: Task, entry: AgentEntry, options: ParsedAgentOptions, ports: AgentPorts) {
    this.id = id;
    this.life = life;
    this.entry = entry;
    this.#options = options;
    this.#ports = ports;
    this.#meter = new RestartMeter(options.restart);
    this.mail = new AgentPost(id, options.mailboxLimit);
    this.waits = new AgentWaits(this, ports.clock);
    this.children = new AgentChildren(this, ports.clock);
  }

  get status(): TaskStatus {
    if (this.#phase === 'settled') return 'settled';
    if (this.#phase === 'ending') return 'cancelling';
    if (!this.#begun) return 'queued';
    return this.#step === undefined ? 'suspended' : 'running';
  }

  get settled(): boolean {
    return this.#phase === 'settled';
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  get queueLength(): number {
    return this.mail.waiting;
  }

  get idle(): boolean {
    return this.#phase === 'open' && (this.#step === undefined || !this.#handles) && this.mail.waiting === 0;
  }

  standing(): Standing {
    const rests = this.#step === undefined && this.#phase === 'open';
    const ending = this.#phase === 'ending' ? 'cancelling' : 'active';
    return {
      kind: 'agent',
      state: rests ? 'suspended' : ending,
      step: this.#step,
      reason: rests ? 'its mailbox is empty' : `${turnOf(this.#step)}; signals that wait: ${this.mail.waiting}`,
      stoppedMs: this.#stoppedMs,
      restLimitMs: Number.POSITIVE_INFINITY,
      ending: this.#ending,
      parent: this.parentage?.run.id,
      children: this.children.tags.map(([, id]) => id),
    };
  }

  begin(state: State): void {
    this.#state = state;
    this.#pump();
  }

  /** It is not begun at all: what was given is at fault. */
  refuse(outcome: Outcome): void {
    this.#finish(outcome);
  }

  /** @throws HeddleError `overloaded` */
  signal(signal: string, data: unknown, call?: Call): Mail {
    const mail = this.mail.signal(signal, data, call);
    this.#pump();
    return mail;
  }

  /** What the host has to say of a child. */
  childSignal(signal: 'child.start' | 'child.exit', data: ChildData): void {
    this.post({ kind: 'signal', signal, data, encoded: true, call: undefined });
  }

  post(mail: Mail): void {
    if (this.#phase === 'settled') {
      refuse(mail, goneError(this.id, this.#cause()));
      return;
    }
    this.mail.add(mail);
    this.#pump();
  }

  withdraw(mail: Mail): void {
    if (this.#phase !== 'settled') this.mail.withdraw(mail);
  }

  /** Takes no more signals; ends when those it has are handled. */
  stop(): void {
    if (this.#stopping || this.#phase === 'settled') return;
    this.#stopping = true;
    this.post({ kind: 'stop' });
  }

  control(op: number, value?: unknown, payload?: unknown, agent: number | string = this.life.key): void {
    if (this.#lane !== undefined) laneOf(this.#lane).tell([INPUT_AGENT, [op, agent, value, payload]]);
  }

  /** Another is its parent from now on, or none. */
  childOf(parentage: Parentage | undefined): void {
    this.parentage = parentage;
    this.control(AGENT_PARENT, parentage?.run.id);
  }

  guard(callback: string, call: () => void): void {
    this.#ports.guard(callback, this.life, call);
  }

  /** Somebody asks for its end now; the first who does is heard. */
  end(error: HeddleError): void {
    if (this.#phase === 'settled' || this.#ending !== undefined) return;
    this.#ending = error;
    this.#phase = 'ending';
    if (this.#step === undefined) this.#finish(fail(error));
    else this.#ports.end(this.#step, error);
  }

  /** The runtime closes: one that rests ends now. */
  close(): void {
    if (this.#step === undefined) this.#pump();
  }

  /** The lane where it lives is gone. A turn that it had there is told by itself. */
  laneLost(lane: SchedulerLane<Task>, error: HeddleError): void {
    if (lane !== this.#lane || this.#step !== undefined || this.#phase === 'settled') return;
    this.#lost(error);
  }

  #pump(): void {
    if (this.#step !== undefined || this.#phase === 'ending' || this.#phase === 'settled') return;
    if (this.#phase === 'opening') {
      this.#take(undefined);
      return;
    }
    const mail = this.mail.take();
    if (mail !== undefined) {
      this.#take(mail);
      return;
    }
    const closing = this.#ports.closing(this);
    if (closing !== undefined) this.#finish(fail(closing));
  }

  /** Its next turn: a mail's, or that of its opening. */
  #take(mail: Mail | undefined): void {
    const { open, turn } = this.entry;
    const { life } = this;
    const input = mail === undefined ? this.#openInput() : stepOf(mail);
    const entry = mail === undefined ? open : turn;
    const step = stepTask(life, { entry, options: this.#options.step, params: input, context: this.#options.context });
    step.home = this.#lane;
    this.#step = step;
    this.#handles = mail === undefined || mail.kind === 'signal' || mail.kind === 'stop';
    step.addWaiter((outcome) => this.#stopped(step, mail, outcome));
    this.#ports.launch(step);
  }

  #openInput(): AgentStep {
    const { id, parentage } = this;
    const snapshots = this.#options.failurePolicy === 'restart';
    const children = this.children.tags;
    this.#opening = { id, state: this.#state, parent: parentage?.run.id, children, snapshots, ...this.waits.inputs };
    return [AGENT_OPEN, this.#opening];
  }

  #stopped(step: Task, mail: Mail | undefined, ended: Outcome): void {
    this.#step = undefined;
    this.life.threadId = step.threadId;
    this.#stoppedMs = step.notedMs;
    this.life.trace?.stepped(step.durationUs ?? 0, step.threadId);
    const outcome = this.#named(mail, ended);
    const laneGone = !outcome.ok && (outcome.error.type === 'worker_lost' || outcome.error.details['forced'] === true);
    this.#moveTo(laneGone ? undefined : step.home);
    if (this.#ending !== undefined) {
      this.#finish(fail(!outcome.ok && outcome.error.details['forced'] === true ? outcome.error : this.#ending), mail);
      return;
    }
    if (laneGone && !outcome.ok && outcome.error.type === 'worker_lost') this.#turnLost(mail, outcome.error, step.attempts > 0);
    else if (mail === undefined) this.#opened(outcome);
    else this.#done(mail, outcome, laneGone);
  }

  #moveTo(lane: SchedulerLane<Task> | undefined): void {
    if (lane === this.#lane) return;
    this.#ports.moved(this, this.#lane, lane);
    this.#lane = lane;
  }

  /** A handler's timeout, by the name of its signal. */
  #named(mail: Mail | undefined, outcome: Outcome): Outcome {
    if (outcome.ok || mail?.kind !== 'signal' || outcome.error.details['clock'] !== 'attempt') return outcome;
    return fail(handlerTimeoutError(this.life.entry.action.name, mail.signal, this.#options.step.timeoutMs, outcome.error));
  }

  #opened(outcome: Outcome): void {
    if (!outcome.ok) {
      this.#finish(outcome);
      return;
    }
    this.#begun = true;
    this.#phase = 'open';
    this.#tellAgain();
    this.#pump();
  }

  /** What has changed while it was being opened was told to nobody. */
  #tellAgain(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening === undefined) return;
    this.waits.opened(opening);
    if (opening.parent !== this.parentage?.run.id) this.control(AGENT_PARENT, this.parentage?.run.id);
  }

  #done(mail: Mail, outcome: Outcome, laneGone: boolean): void {
    switch (mail.kind) {
      case 'signal':
        if (!outcome.ok) {
          this.#failed(mail, mail.signal, outcome.error, laneGone);
          return;
        }
        if (outcome.value !== undefined) this.#state = outcome.value as State; // the thread sends states alone
        if (mail.call !== undefined) this.mail.replied(mail.call.id, outcome);
        break;
      case 'state':
        if (outcome.ok) mail.reader.resolve(outcome.value);
        else mail.reader.reject(outcome.error);
        break;
      case 'watch':
        mail.onAsked();
        this.waits.known({ watches: [mail.watch], subscriptions: [] });
        break;
      case 'stop':
        this.#finish(outcome);
        return;
      case 'subscribe':
        this.waits.known({ watches: [], subscriptions: [mail.subscription] });
        break;
    }
    this.#pump();
  }

  #failed(mail: Mail, signal: string, error: HeddleError, laneGone: boolean): void {
    const { life, id } = this;
    this.#ports.tell({ kind: 'signalFailed', agentId: id, agent: life.entry.action.name, signal, error }, life);
    this.mail.failed(mail, error);
    // A listener may have ended it.
    if (this.#phase === 'settled') return;
    const { failurePolicy } = this.#options;
    if (failurePolicy === 'restart') this.#restart(error);
    else if (failurePolicy === 'stop' || laneGone) this.#finish(fail(error));
    else this.#pump();
  }

  /** Its lane was lost under a turn, or before it. A turn that had not begun comes again where it is restarted. */
  #turnLost(mail: Mail | undefined, error: HeddleError, begun: boolean): void {
    const again = mail !== undefined && (!begun || mail.kind !== 'signal');
    if (again) this.mail.putBack(mail);
    else this.mail.failed(mail, error);
    this.#lost(error);
  }

  #lost(error: HeddleError): void {
    this.#moveTo(undefined);
    if (this.#options.failurePolicy === 'restart') this.#restart(error);
    else this.#finish(fail(error));
  }

  #restart(error: HeddleError): void {
    const agent = this.life.entry.action.name;
    if (!this.#meter.allows(this.#ports.clock.now())) {
      const { max, withinMs } = this.#options.restart;
      this.#finish(fail(restartLimitError(agent, max, withinMs, error)));
      return;
    }
    this.restarts++;
    this.#phase = 'opening';
    this.#ports.tell({ kind: 'agentRestarted', agentId: this.id, agent, restarts: this.restarts, error }, this.life);
    this.#pump();
  }

  #cause(): unknown {
    const { outcome } = this.life;
    return outcome === undefined || outcome.ok ? undefined : outcome.error;
  }

  #finish(outcome: Outcome, turn?: Mail): void {
    if (this.#phase === 'settled') return;
    this.#phase = 'settled';
    this.control(AGENT_FORGET);
    const lane = this.#lane;
    this.#lane = undefined;
    if (lane !== undefined) this.#ports.moved(this, lane, undefined);
    const error = outcome.ok ? undefined : outcome.error;
    const gone = goneError(this.id, error);
    this.#ports.ended(this, outcome);
    this.mail.end(turn, error ?? gone, gone);
    this.waits.end(error);
    this.children.end(error);
    const { parentage } = this;
    if (parentage !== undefined) this.#tellParent(parentage, outcome);
  }

  #tellParent({ run, tag }: Parentage, outcome: Outcome): void {
    this.parentage = undefined;
    if (run.children.remove(tag, this.id))
      run.childSignal('child.exit', { tag, id: this.id, ended: encodeOutcome(outcome), refused: false });
  }
}

/** What an agent's turn is, in words. */
function turnOf(step: Task | undefined): string {
  if (step === undefined || step.entry.role === 'agent') return 'it is being opened';
  const [kind, signal] = step.params as AgentStep; // as `stepOf` made it
  return kind === AGENT_SIGNAL ? `it handles the signal \`${signal}\`` : 'it answers the host';
}
