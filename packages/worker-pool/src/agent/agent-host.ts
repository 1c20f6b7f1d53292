import {
  type AgentDefinition,
  type Failure,
  fail,
  HeddleError,
  isHeddleError,
  isOutcome,
  type Outcome,
  ok,
  type ParentDeathPolicy,
} from '@heddle/core';
import { toHeddleError } from '@heddle/core/engine';
import type { ActionTable } from '../action-table.ts';
import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { describeKind, isPlainObject } from '../plain-object.ts';
import type { AgentSaying } from '../protocol/agent.ts';
import { clones, uncloneableError } from '../protocol/uncloneable.ts';
import type { SchedulerLane } from '../scheduler/ports.ts';
import { homeLostError, type StatefulLanes } from '../stateful/stateful-lanes.ts';
import { Task } from '../task.ts';
import { cancelledError } from '../task-error.ts';
import type { RefHost, TaskRef } from '../task-ref.ts';
import { schemaError, unknownAgentError } from './agent-error.ts';
import { AgentHandle } from './agent-handle.ts';
import { parseAgentOptions } from './agent-options.ts';
import type { AgentPorts, Parentage } from './agent-ports.ts';
import { AgentRun } from './agent-run.ts';
import { type AgentEntry, AgentTable, stepEntry } from './agent-table.ts';
import { hear } from './hear.ts';

/** What a runtime's agents stand on. */
export interface AgentHostPorts {
  readonly name: string;
  readonly idPrefix: string;
  readonly actions: ActionTable;
  readonly clock: Clock;
  /** Where the runtime counts, watches and ends what it has started. */
  readonly main: Dispatcher;
  /** Where they live. */
  readonly lanes: StatefulLanes;
  /** Agents that may be there at once. */
  readonly limit: number;
  /** What handles act through. */
  refHost(): RefHost;
  /** The handle of a task. */
  refOf(task: Task): TaskRef;
}

/** The agents of one runtime: who is there, by id; where each lives; what they say to each other. Source: SEMANTICS W-1, W-6. */
export class AgentHost {
  readonly ports: AgentHostPorts;
  readonly table: AgentTable = new AgentTable();
  readonly #run: AgentPorts;
  // Invariant: every agent that has not ended stands in both.
  readonly #byId = new Map<string, AgentRun>();
  readonly #byKey = new Map<number | string, AgentRun>();
  readonly #handles = new WeakMap<AgentRun, AgentHandle>();
  // Invariant: every agent that has had a turn and not ended, under the lane where it lives.
  readonly #residents = new Map<SchedulerLane<Task>, Set<AgentRun>>();
  /** Ids of children whose module is still loading, with what is to be done when they are there. */
  readonly #starting = new Map<string, (() => void)[]>();
  #closing = false;

  constructor(ports: AgentHostPorts) {
    this.ports = ports;
    const { lanes, main, clock } = ports;
    this.#run = {
      clock,
      launch: (step) => lanes.launch(step),
      end: (step, error) => lanes.end(step, error),
      moved: (run, from, to) => this.#moved(run, from, to),
      ended: (run, outcome) => {
        this.#byId.delete(run.id);
        this.#byKey.delete(run.life.key);
        main.hostEnded(run.life, outcome);
      },
      closing: (run) => (this.#closing ? cancelledError(run.life.entry.action.name, `runtime ${ports.name} was closed`) : undefined),
      tell: (event, life) => main.tell(event, life),
      guard: (callback, task, call) => void main.guard(callback, task, call),
    };
    lanes.listen({
      laneClosed: (lane) => this.#laneClosed(lane),
      agentSaid: (saying: AgentSaying) => hear(this, saying),
    });
  }

  get open(): number {
    return this.#byId.size;
  }

  get closing(): boolean {
    return this.#closing;
  }

  byId(id: string): AgentRun | undefined {
    return this.#byId.get(id);
  }

  byKey(key: number | string): AgentRun | undefined {
    return this.#byKey.get(key);
  }

  /** How many live on a lane. */
  residentsOn(lane: SchedulerLane<Task>): number {
    return this.#residents.get(lane)?.size ?? 0;
  }

  /** A child of this id will be there soon; the function that is given back says that it is, or never will. */
  starting(id: string): () => void {
    this.#starting.set(id, []);
    return () => {
      const then = this.#starting.get(id);
      this.#starting.delete(id);
      for (const call of then ?? []) call();
    };
  }

  /** Does something at once, or when whoever is starting has started. */
  whenStarted(id: string, then: () => void): void {
    const starting = this.#starting.get(id);
    if (starting === undefined) then();
    else starting.push(then);
  }

  /** The handle of an agent, one for each. */
  handleOf(run: AgentRun): AgentHandle {
    const known = this.#handles.get(run);
    if (known !== undefined) return known;
    const handle = new AgentHandle(this.ports.refHost(), run, this);
    this.#handles.set(run, handle);
    return handle;
  }

  /**
   * Starts an agent. What is wrong with the agent or its state is how it ends.
   *
   * @throws HeddleError `invalid_input` for options at fault and an id that is in use
   */
  start(agent: unknown, state: unknown, options: unknown, spawned?: Parentage): AgentRun {
    const found = this.#entry(agent);
    const entry = isHeddleError(found) ? NO_AGENT : found;
    const parsed = parseAgentOptions(options, entry.definition);
    const { main, idPrefix } = this.ports;
    const key = main.nextKey();
    const id = parsed.id ?? idPrefix + key;
    this.assertFree(id);
    const life = new Task(key, entry.open, parsed.life, undefined, undefined);
    const run = new AgentRun(id, life, entry, parsed, this.#run);
    if (spawned !== undefined) this.#place(run, spawned);
    this.#byId.set(id, run);
    this.#byKey.set(key, run);
    const unfit = main.host(life, run, state);
    if (run.settled) return run;
    const refusal = isHeddleError(found) ? fail(found) : (this.#refusal() ?? unfit);
    const admitted = refusal ?? admitState(entry, state);
    if (admitted.ok) run.begin(admitted.value);
    else run.refuse(admitted);
    return run;
  }

  /** Puts an agent below the one that spawned it. */
  #place(run: AgentRun, spawned: Parentage): void {
    const above = spawned.run.life;
    run.parentage = spawned;
    run.life.parent = above;
    run.life.owner = above.owner;
    run.life.carried = above.carried;
    run.life.depth = above.depth + 1;
  }

  #entry(agent: unknown): AgentEntry | HeddleError {
    try {
      return this.table.entry(agent);
    } catch (error) {
      return toHeddleError(error);
    }
  }

  #refusal(): Failure | undefined {
    const { limit } = this.ports;
    if (this.#byId.size <= limit) return undefined;
    const message = `There are ${limit} agents already (\`stateful.limit\`)`;
    return fail(new HeddleError('limit_exceeded', message, { details: { limit }, retryable: true }));
  }

  /** @throws HeddleError `invalid_input` when a running agent has the id */
  assertFree(id: string): void {
    if (this.#byId.has(id))
      throw new HeddleError('invalid_input', `The id ${id} is in use: an agent that has it has not ended`, { details: { id } });
  }

  /**
   * Makes a running agent the child of another.
   *
   * @throws HeddleError `tag_in_use`; `not_found`; `invalid_input` when it has a parent, or is above the other
   */
  adopt(parent: AgentRun, id: string, tag: string): void {
    const child = this.#byId.get(id);
    if (child === undefined) throw unknownAgentError(id);
    if (child.parentage !== undefined)
      throw new HeddleError('invalid_input', `Agent ${id} is a child of ${child.parentage.run.id}; it can be adopted once that has ended`);
    for (let above: AgentRun | undefined = parent; above !== undefined; above = above.parentage?.run)
      if (above === child) throw new HeddleError('invalid_input', `Agent ${id} cannot be adopted by what is below it`);
    parent.children.reserve(tag);
    child.childOf({ run: parent, tag, policy: 'stop' });
    this.addAgent(parent, tag, child, 'stop');
  }

  /** Lists an agent among the children of another, and tells that one. */
  addAgent(parent: AgentRun, tag: string, child: AgentRun, policy: ParentDeathPolicy): void {
    parent.children.add(tag, {
      id: child.id,
      handle: this.handleOf(child),
      policy,
      end: (reason) => this.ports.main.end(child.life, cancelledError(child.life.entry.action.name, reason)),
      orphaned: () => {
        child.childOf(undefined);
        if (policy === 'orphan') this.tellOrphan(child.id, child.life, parent);
      },
    });
    parent.childSignal('child.start', { tag, id: child.id, ended: undefined, refused: false });
  }

  tellOrphan(taskId: string, { entry }: Task, parent: AgentRun): void {
    const { life, id } = parent;
    this.#run.tell({ kind: 'taskOrphaned', taskId, action: entry.action.name, parentId: id }, life);
  }

  #moved(run: AgentRun, from: SchedulerLane<Task> | undefined, to: SchedulerLane<Task> | undefined): void {
    if (from !== undefined) {
      const runs = this.#residents.get(from);
      runs?.delete(run);
      if (runs?.size === 0) this.#residents.delete(from);
      this.ports.lanes.left(from);
    }
    if (to !== undefined) this.#residents.set(to, (this.#residents.get(to) ?? new Set()).add(run));
  }

  #laneClosed(lane: SchedulerLane<Task>): void {
    for (const run of [...(this.#residents.get(lane) ?? [])]) run.laneLost(lane, homeLostError(run.life.entry.action.name));
  }

  /** Nothing may rest from now on: who does ends at once, who has a turn when its mailbox is empty. */
  close(): void {
    this.#closing = true;
    for (const run of [...this.#byId.values()]) run.close();
  }
}

/** The first state of an agent, whole: what was given over what its definition gives, as its schema allows it; a copy. */
function admitState(entry: AgentEntry, state: unknown): Outcome<Readonly<Record<string, unknown>>> {
  if (isOutcome(state)) return state.ok ? admitState(entry, state.value) : fail(state.error);
  const { name, initialState } = entry.definition;
  const given = state ?? {};
  if (!isPlainObject(given))
    return fail(new HeddleError('invalid_input', `Invalid state type: agent ${name} takes a plain object, got ${describeKind(given)}`));
  const whole = { ...initialState, ...given };
  const checked = entry.state.validate(whole);
  if (!checked.ok) return fail(schemaError('state', name, checked.faults));
  if (!clones(checked.value)) return fail(uncloneableError(name, 'state', checked.value, undefined));
  return ok(structuredClone(checked.value) as Readonly<Record<string, unknown>>); // the schema describes an object
}

const NO_METADATA = { name: '(invalid)', module: '', tags: [] };

/** Stands for what was no agent, so that it has a name in logs. */
const NO_AGENT: AgentEntry = Object.freeze({
  definition: Object.freeze({
    ...NO_METADATA,
    restart: { max: 0, withinMs: 0 },
    failurePolicy: 'stop',
    mailboxLimit: 0,
    timeoutMs: 0,
  }) as unknown as AgentDefinition, // only its limits are ever read
  open: stepEntry(NO_METADATA, 'agent'),
  turn: stepEntry(NO_METADATA, 'signal'),
  state: { validate: (value: unknown) => ({ ok: true, value }) as const },
  signals: new Map(),
});
