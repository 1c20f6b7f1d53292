import {
  type ActionMetadata,
  fail,
  HeddleError,
  isAction,
  isOutcome,
  type NestedOptions,
  type Outcome,
  type ParentDeathPolicy,
  type SpawnOptions,
} from '@heddle/core';
import { kindOf, metadataOf } from '@heddle/core/engine';
import { inputFault, takesObject } from '../input-fault.ts';
import { parseNestedOptions } from '../nested-options.ts';
import type { TaskInput } from '../protocol/input.ts';
import { OUTPUT_END_CHILD, OUTPUT_START } from '../protocol/output.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';
import { abortReason } from '../signal-hub.ts';
import { cancelledError } from '../task-error.ts';
import { type ChildParent, ChildTask } from './child-task.ts';

/** What the children of an attempt need of its lane. */
export interface ChildLane {
  readonly idPrefix: string;
  post(message: readonly unknown[]): void;
  /** Whether the task is the compensation of one. */
  compensates(task: TaskInput): boolean;
  /** The task's place on the lane is free, or taken again. */
  park(task: TaskInput, parked: boolean): void;
}

/** One start as it was asked for. */
interface Wanted {
  readonly action: unknown;
  readonly params: unknown;
  readonly context: Readonly<Record<string, unknown>> | undefined;
  readonly tag: string | undefined;
  readonly policy: ParentDeathPolicy;
}

/** What is shown of an action that is none. */
const NO_ACTION: ActionMetadata = Object.freeze({ name: '(invalid)', module: '', tags: [] });

/**
 * The children of one attempt, in its thread: asks the host to start them, keeps them until they have ended, counts who waits.
 * Guarantees: each child settles, at the latest when the attempt has ended. Source: SEMANTICS A-9, R-5, W-6.
 */
export class Children implements ChildParent {
  readonly #lane: ChildLane;
  readonly #task: TaskInput;
  /** When the attempt's time is over, on the process-wide clock. */
  readonly #endMs: number;
  readonly #open = new Map<string, ChildTask>();
  readonly #names = new Set<string>();
  #unnamed = 0;
  // Invariant: the task is parked exactly while this is above 0.
  #waits = 0;
  #ended = false;

  constructor(lane: ChildLane, task: TaskInput, endMs: number) {
    this.#lane = lane;
    this.#task = task;
    this.#endMs = endMs;
  }

  start(action: unknown, params: unknown, context: Readonly<Record<string, unknown>> | undefined, given: NestedOptions = {}): ChildTask {
    const { signal, tag, ...options } = parseNestedOptions(given);
    return this.#start({ action, params, context, tag, policy: 'stop' }, options, signal);
  }

  spawn(tag: unknown, action: unknown, params: unknown, given: SpawnOptions = {}): ChildTask {
    if (typeof tag !== 'string' || tag === '')
      throw new HeddleError('invalid_input', `The tag of a spawned child must be a string that is not empty; got ${kindOf(tag)}`);
    if (typeof given !== 'object' || given === null) parseNestedOptions(given); // throws
    const { onParentDeath = 'stop', context, ...rest } = given;
    if (onParentDeath !== 'stop' && onParentDeath !== 'continue' && onParentDeath !== 'orphan')
      throw new HeddleError('invalid_input', "Invalid options: `onParentDeath` must be 'stop', 'continue' or 'orphan'");
    for (const child of this.#open.values())
      if (child.tag === tag)
        throw new HeddleError('tag_in_use', `The tag ${tag} is in use: ${child.id} has not ended`, { details: { tag } });
    const { signal, tag: _none, ...options } = parseNestedOptions(rest);
    return this.#start({ action, params, context, tag, policy: onParentDeath }, options, signal);
  }

  #start(wanted: Wanted, options: object, signal: AbortSignal | undefined): ChildTask {
    if (this.#ended) throw new HeddleError('invalid_input', 'Nothing can be started from an attempt that has ended');
    const { action, tag } = wanted;
    const key = this.#name(tag);
    const child = new ChildTask(this, this.#lane.idPrefix, key, isAction(action) ? metadataOf(action) : NO_ACTION, tag, signal);
    const refused = signal?.aborted === true ? fail(cancelledError(child.action.name, abortReason(signal.reason))) : refusalOf(wanted);
    if (refused !== undefined) {
      ChildTask.settle(child, refused);
      return child;
    }
    this.#open.set(key, child);
    this.#send(child, key, wanted, tag === undefined ? options : { ...options, tag });
    return child;
  }

  #send(child: ChildTask, key: string, { params, context, policy }: Wanted, options: object): void {
    const { slot, generation } = this.#task;
    const { module, name } = child.action;
    const given = isOutcome(params) && params.ok ? params.value : params;
    const sent = context ?? this.#task.context;
    try {
      this.#lane.post([OUTPUT_START, slot, generation, key, module, name, given, sent, options, policy, this.#endMs]);
    } catch (cause) {
      const [what, value] = clones(given) ? ['context', sent] : ['params', given];
      this.settled(key, fail(uncloneableError(name, String(what), value, cause)));
    }
  }

  /**
   * The parent's key, a slash, and the tag or a number; the attempt too, from the second on, and whether it is the compensation's. No two
   * of a task are the same.
   */
  #name(tag: string | undefined): string {
    const { task, attempt } = this.#task;
    const undo = this.#lane.compensates(this.#task) ? '~undo' : '';
    const base = `${task}/${tag ?? ++this.#unnamed}${undo}${attempt > 1 ? `~${attempt}` : ''}`;
    let name = base;
    for (let again = 2; this.#names.has(name); again++) name = `${base}.${again}`;
    this.#names.add(name);
    return name;
  }

  /** The host says how a child ended. */
  settled(key: string, outcome: Outcome): void {
    const child = this.#open.get(key);
    this.#open.delete(key);
    if (child !== undefined) ChildTask.settle(child, outcome);
  }

  /** The attempt is asked to end: who waits here need not wait for the children, which the host has asked as well. */
  asked(error: HeddleError): void {
    for (const child of [...this.#open.values()]) ChildTask.release(child, fail(error));
  }

  /** The attempt has ended: nobody will hear of its children here any more. */
  end(): void;
  end(key: string, reason: string): void;
  end(key?: string, reason?: string): void {
    if (key === undefined) this.#endAll();
    else if (this.#open.has(key)) this.#lane.post([OUTPUT_END_CHILD, this.#task.slot, this.#task.generation, key, reason]);
  }

  #endAll(): void {
    this.#ended = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const child of open) ChildTask.settle(child, fail(cancelledError(child.action.name, 'the attempt that started it has ended')));
  }

  waits(more: 1 | -1): void {
    const before = this.#waits;
    this.#waits += more;
    if (before === 0) this.#lane.park(this.#task, true);
    else if (this.#waits === 0) this.#lane.park(this.#task, false);
  }
}

/** Why nothing is started, if so: the action or its input is at fault. */
function refusalOf({ action, params, context }: Wanted): Outcome | undefined {
  if (!isAction(action))
    return fail(new HeddleError('invalid_action', `Got ${kindOf(action)} instead of an action: pass what \`defineAction\` returned`));
  if (action.kind === 'coroutine')
    return fail(
      new HeddleError(
        'invalid_action',
        `Action ${action.name} is a coroutine, which no action can run: resume it from the main thread, by \`runtime.coroutine\``,
      ),
    );
  if (isOutcome(params) && !params.ok) return params;
  const given = isOutcome(params) && params.ok ? params.value : params;
  const fault = inputFault(action.name, takesObject(action.schema), given === undefined ? {} : given, context);
  return fault === undefined ? undefined : fail(fault);
}
