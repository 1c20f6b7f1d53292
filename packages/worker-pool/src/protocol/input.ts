import type { LaneWords } from '../lane/claims.ts';
import type { AgentControl } from './agent.ts';
import type { PackInput } from './pack.ts';
import type { LanePort } from './port.ts';
import { STEP_NEXT, type StepInput } from './step.ts';

/**
 * What the host sends to a lane, over the lane's one ordered port.
 *
 * Messages are arrays, not objects, and tasks lie flat in theirs: a structured clone pays for every object and every key name.
 */
export const INPUT_ACTION = 0;
export const INPUT_TASKS = 1;
export const INPUT_CANCEL = 2;
export const INPUT_CHILD = 3;
export const INPUT_CREDIT = 4;
export const INPUT_STEPS = 5;
export const INPUT_AGENT = 6;
export const INPUT_SHAPE = 7;
export const INPUT_PACK = 8;
export const INPUT_LOOK = 9;

/**
 * What a lane does with an action: run it, compensate for it by its `onError`, begin it as a coroutine, read it as a stream. `resume` is no
 * action's: a task of it is the next step of the coroutine that has the task's key. `agent` opens an agent, `signal` is a turn of the agent
 * that has the task's key. `pack` never crosses: on the host it marks the task that stands for many items.
 */
export type ActionRole = 'run' | 'compensate' | 'coroutine' | 'resume' | 'stream' | 'agent' | 'signal' | 'pack';

/** Introduces an action, before the first task that names its number. The number is this lane's own short name for it. */
type ActionInput = readonly [kind: typeof INPUT_ACTION, action: number, module: string, name: string, role: ActionRole];

/** Tasks in sections; written and read by `task-batch.ts`. */
type TasksInput = readonly [kind: typeof INPUT_TASKS, tasks: number, ...sections: unknown[]];

/** The keys of params that come as rows from now on. The number is this lane's own short name for them. */
type ShapeInput = readonly [kind: typeof INPUT_SHAPE, shape: number, keys: readonly string[]];

/** Steps of coroutines that live there, {@link STEP_STRIDE} fields each; read by {@link stepAt}. */
type StepsInput = readonly [kind: typeof INPUT_STEPS, ...fields: unknown[]];

/** Asks a task that has begun to end. `message` is what its `cancelled` or `timeout` error will say. */
type CancelInput = readonly [kind: typeof INPUT_CANCEL, slot: number, generation: number, type: 'cancelled' | 'timeout', message: string];

/** How a child ended, to the attempt that started it; form and payload as in an outcome. */
export type ChildInput = readonly [
  kind: typeof INPUT_CHILD,
  slot: number,
  generation: number,
  child: number | string,
  form: number,
  payload: unknown,
];

/** A stream may yield so many values more. */
export type CreditInput = readonly [kind: typeof INPUT_CREDIT, slot: number, generation: number, credit: number];

/** Tells an agent what needs no turn of it. */
type AgentControlInput = readonly [kind: typeof INPUT_AGENT, control: AgentControl];

/** Asks a lane what it is like inside; answered when it comes to it. */
type LookInput = readonly [kind: typeof INPUT_LOOK];

export type LaneInput =
  | ActionInput
  | ShapeInput
  | TasksInput
  | StepsInput
  | CancelInput
  | ChildInput
  | CreditInput
  | AgentControlInput
  | PackInput
  | LookInput;

/** One task as it crosses. */
export interface TaskInput {
  readonly action: number;
  readonly slot: number;
  readonly generation: number;
  /** What stands behind the runtime's prefix in the task's id. */
  readonly task: number | string;
  readonly attempt: number;
  /** Milliseconds for this attempt; `Infinity` = no limit. */
  readonly timeoutMs: number;
  /** When the whole task must be done, on the process-wide clock; `Infinity` = no limit. */
  readonly deadlineMs: number;
  readonly params: unknown;
  /** `undefined` stands for `{}`. */
  readonly context: unknown;
}

/** Slot, generation, the coroutine's key, how it is resumed, and with what. Everything else of a step is as it was when it began. */
export const STEP_STRIDE = 5;
/** Stands where a task has the number of its action. */
export const STEP_ACTION: number = -1;

/**
 * Appends one step to a batch that begins with {@link INPUT_STEPS}. A plain value stands there bare: each field and each array costs a
 * tenth and half a microsecond of a round that takes ten (`bench coroutine`, one at a time).
 */
export function pushStep(batch: unknown[], slot: number, generation: number, key: number | string, input: StepInput): void {
  batch.push(slot, generation, key, input[0], input[0] === STEP_NEXT ? input[1] : input);
}

/** Reads the step at an offset of a batch, as a task; the first stands at 1. `own` copies what it shares with other steps. */
export function stepAt(batch: readonly unknown[], offset: number, own: ((value: unknown) => unknown) | undefined): TaskInput {
  // The writer is `pushStep` of the same version.
  const value = own === undefined ? batch[offset + 4] : own(batch[offset + 4]);
  const unlimited = Number.POSITIVE_INFINITY;
  return {
    action: STEP_ACTION,
    slot: batch[offset] as number,
    generation: batch[offset + 1] as number,
    task: batch[offset + 2] as number | string,
    attempt: 1,
    timeoutMs: unlimited,
    deadlineMs: unlimited,
    params: batch[offset + 3] === STEP_NEXT ? [STEP_NEXT, value] : value,
    context: undefined,
  };
}

/** What a lane is given once, when it opens. Plain data but for the port and the memory. */
export interface LaneSettings {
  readonly port: LanePort;
  /** The claim words, or the memory they are in. */
  readonly claims: SharedArrayBuffer | LaneWords;
  /** What every task id of this runtime begins with. */
  readonly idPrefix: string;
  /** Tasks that may run at once. */
  readonly concurrency: number;
  /** The host logger's level, so that records below it cost nothing. */
  readonly logLevel: string;
  /** The lane's end of its service channel; where the runtime has services. */
  readonly services?: LanePort;
  /** Names of log fields that are secrets, beside the well-known ones; `false` = none are. */
  readonly redact: readonly string[] | false;
  /** The runtime's propagators; `undefined` = none. With them, a task's context may be the pair of context and carried values. */
  readonly propagators: readonly PropagatorSettings[] | undefined;
}

/** A propagator as a lane is told of it. */
export interface PropagatorSettings {
  readonly module: string;
  readonly name: string;
  readonly strict: boolean;
}
