import { fail, type HeddleError, type Outcome, ok } from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import {
  AGENT_ADOPT,
  AGENT_CANCEL_CHILD,
  AGENT_CHANGED,
  AGENT_PONG,
  AGENT_REPLY,
  AGENT_SEND,
  AGENT_SENT,
  AGENT_SPAWN,
  AGENT_WATCHED,
  type AgentSaying,
  type SpawnWish,
} from '../protocol/agent.ts';
import { decodeOutcome, encodeOutcome } from '../protocol/codec.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';
import type { Task } from '../task.ts';
import { cancelledError } from '../task-error.ts';
import { parseTaskOptions } from '../task-options.ts';
import type { AgentHost } from './agent-host.ts';
import type { AgentRun } from './agent-run.ts';
import { sendTo } from './send.ts';

/** Carries out what an agent says beside the outcomes of its turns. One that has ended is heard only where others are meant. */
export function hear(host: AgentHost, saying: AgentSaying): void {
  const run = host.byKey(saying[1]);
  switch (saying[0]) {
    case AGENT_WATCHED:
      run?.waits.watched(saying[2], decodeOutcome(saying[3], saying[4]));
      return;
    case AGENT_CHANGED:
      run?.waits.changed(saying[2], saying[3]);
      return;
    case AGENT_PONG:
      run?.waits.answered(saying[2]);
      return;
    case AGENT_REPLY:
      run?.mail.replied(saying[2], ok(saying[3]));
      return;
    case AGENT_SEND:
      answerTo(host, run, saying[2], saying[3], () => sendTo(host, saying[3], saying[4], saying[5]));
      return;
    case AGENT_ADOPT:
      answerTo(host, run, saying[2], saying[3], () => {
        if (run !== undefined) host.adopt(run, saying[3], saying[4]);
      });
      return;
    case AGENT_SPAWN:
      if (run !== undefined) spawn(host, run, saying[2]);
      return;
    case AGENT_CANCEL_CHILD:
      run?.children.get(saying[2])?.end(saying[3]);
      return;
  }
}

/** Does something for an agent that means another, once that is there if it is only just starting, and says whether it was done. */
function answerTo(host: AgentHost, from: AgentRun | undefined, number: number, target: string, deliver: () => void): void {
  host.whenStarted(target, () => {
    const answer = (outcome: Outcome<undefined>): void => from?.control(AGENT_SENT, ...encodeOutcome(outcome), number);
    try {
      deliver();
      answer(ok(undefined));
    } catch (thrown) {
      answer(fail(toHeddleError(thrown)));
    }
  });
}

/** Starts a child of an agent; what is wrong with it is told to its parent as the child's end. */
function spawn(host: AgentHost, parent: AgentRun, wish: SpawnWish): void {
  try {
    parent.children.reserve(wish.tag);
  } catch (thrown) {
    tellEnd(parent, wish, fail(toHeddleError(thrown)), true);
    return;
  }
  const known = find(host, wish);
  if (known) {
    begin(host, parent, wish);
    return;
  }
  const { table, ports } = host;
  const { module, name, id } = wish;
  const started = id === undefined ? () => {} : host.starting(id);
  // Its parent's file imported it, so that it is nearly always loaded. Neither rejects: both are handled.
  void (wish.kind === 'agent' ? table.load(module, name) : ports.actions.load(module, name))
    .then(
      () => begin(host, parent, wish),
      (thrown: unknown) => refuse(parent, wish, thrown),
    )
    .finally(started);
}

function find({ table, ports }: AgentHost, { kind, module, name }: SpawnWish): boolean {
  return (kind === 'agent' ? table.find(module, name) : ports.actions.find(module, name)) !== undefined;
}

function begin(host: AgentHost, parent: AgentRun, wish: SpawnWish): void {
  try {
    if (parent.settled) parent.children.free(wish.tag);
    else if (wish.kind === 'agent') beginAgent(host, parent, wish);
    else beginTask(host, parent, wish);
  } catch (thrown) {
    refuse(parent, wish, thrown);
  }
}

function refuse(parent: AgentRun, wish: SpawnWish, thrown: unknown): void {
  parent.children.free(wish.tag);
  tellEnd(parent, wish, fail(toHeddleError(thrown)), false);
}

function beginAgent(host: AgentHost, parent: AgentRun, { tag, module, name, given, context, id, policy }: SpawnWish): void {
  const entry = host.table.find(module, name);
  const options = { tag, tenant: parent.life.tenant, ...(id === undefined ? {} : { id }), ...(context === undefined ? {} : { context }) };
  const child = host.start(entry?.definition, given, options, { run: parent, tag, policy });
  // It ended at once, its state was at fault: it was never listed, so it has told nobody.
  if (child.settled) throw endOf(child.life);
  host.addAgent(parent, tag, child, policy);
}

function endOf({ outcome }: Task): HeddleError {
  if (outcome !== undefined && !outcome.ok) return outcome.error;
  throw new Error('internal: an agent ended before it began, and well');
}

function beginTask(host: AgentHost, parent: AgentRun, wish: SpawnWish): void {
  const { ports } = host;
  const { tag, module, name, given, context, policy } = wish;
  const entry = ports.actions.find(module, name);
  if (entry === undefined) throw new Error('internal: an action was begun that had not been loaded');
  const { life } = parent;
  const options = parseTaskOptions({ ...wish.options, tag }, { ...entry.options, telemetry: life.options.telemetry, tenant: life.tenant });
  const id = String(wish.id);
  const task = ports.main.start(entry, options, given, context, true, { key: `${life.key}/${tag}.${ports.main.nextKey()}`, parent: life });
  parent.children.add(tag, {
    id,
    handle: ports.refOf(task),
    policy,
    end: (reason) => ports.main.end(task, cancelledError(entry.action.name, reason)),
    orphaned: () => {
      if (policy === 'orphan') host.tellOrphan(ports.idPrefix + task.key, task, parent);
    },
  });
  parent.childSignal('child.start', { tag, id, ended: undefined, refused: false });
  const ended = (outcome: Outcome): void => {
    if (parent.children.remove(tag, id)) tellEnd(parent, wish, outcome, false);
  };
  if (task.outcome === undefined) task.addWaiter(ended);
  else ended(task.outcome);
}

function tellEnd(parent: AgentRun, { tag, id, name }: SpawnWish, outcome: Outcome, refused: boolean): void {
  // What was transferred to the host may not cross again.
  const told = outcome.ok && !clones(outcome.value) ? fail(uncloneableError(name, 'result', outcome.value, undefined)) : outcome;
  parent.childSignal('child.exit', { tag, id: String(id), ended: encodeOutcome(told), refused });
}
