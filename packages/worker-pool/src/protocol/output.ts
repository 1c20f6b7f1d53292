import type { ParentDeathPolicy } from '@heddle/core';
import type { EventLoopTimes, LaneMemory } from '../lane/thread-pool.ts';
import type { PropagatorPlace } from '../propagation/carrier.ts';
import type { AgentSaying } from './agent.ts';
import type { EncodedError } from './codec.ts';
import type { PackOutput } from './pack.ts';

/**
 * What a lane sends to its host, over the same port: one total order of outcomes, progress, log records and console text.
 */
export const OUTPUT_OUTCOMES = 0;
export const OUTPUT_PROGRESS = 1;
export const OUTPUT_LOG = 2;
export const OUTPUT_CONSOLE = 3;
export const OUTPUT_STRAY = 4;
export const OUTPUT_RETIRE = 5;
export const OUTPUT_START = 6;
export const OUTPUT_PARK = 7;
export const OUTPUT_END_CHILD = 8;
export const OUTPUT_PROPAGATOR = 10;
export const OUTPUT_VALUES = 9;
export const OUTPUT_AGENT = 11;
export const OUTPUT_SHAPE = 12;
export const OUTPUT_PACK = 13;
export const OUTPUT_UNREAD = 14;
export const OUTPUT_TOLD = 15;
export const OUTPUT_LOOK = 16;

/** Outcomes: slot, form, microseconds the attempt took, below 0 if it gave a promise, and the payload, which is one field, or those of a row. Read by `outcome-batch.ts`. */
type OutcomesOutput = readonly [kind: typeof OUTPUT_OUTCOMES, ...fields: unknown[]];

/** `ctx.progress(details)` of a running task. */
export type ProgressOutput = readonly [kind: typeof OUTPUT_PROGRESS, slot: number, generation: number, details: unknown];

/** One record of `ctx.log`. */
export type LogOutput = readonly [
  kind: typeof OUTPUT_LOG,
  task: number | string,
  attempt: number,
  action: string,
  level: string,
  fields: Readonly<Record<string, unknown>> | undefined,
  message: string | undefined,
];

/** Text written by `console`; on the port because a thread's own stdout loses lines in a kill, and comes after the outcome. */
export type ConsoleOutput = readonly [kind: typeof OUTPUT_CONSOLE, stream: 'stdout' | 'stderr', text: string];

/** An error nobody caught, of a task that has ended (its number), or of nobody that can be named (`undefined`). */
export type StrayOutput = readonly [
  kind: typeof OUTPUT_STRAY,
  task: number | string | undefined,
  action: string | undefined,
  error: EncodedError,
];

/** The lane asks to be replaced once it is idle: code in it threw where nobody caught it, or a module failed to load. */
type RetireOutput = readonly [kind: typeof OUTPUT_RETIRE];

/** A message came that this thread cannot read: Node 20 sends some that it cannot take apart again, an error that is its own cause among them. */
type UnreadOutput = readonly [kind: typeof OUTPUT_UNREAD];

/** A running task starts another. Slot and generation are the parent's. */
export type StartOutput = readonly [
  kind: typeof OUTPUT_START,
  slot: number,
  generation: number,
  child: string,
  module: string,
  name: string,
  params: unknown,
  context: unknown,
  options: Readonly<Record<string, unknown>>,
  policy: ParentDeathPolicy,
  /** When the parent's time is over, on the process-wide clock; `Infinity` = never. */
  parentEndMs: number,
];

/** A running task waits for its children from now on, or no longer does. */
export type ParkOutput = readonly [kind: typeof OUTPUT_PARK, slot: number, generation: number, parked: boolean];

/** A running task asks a child of its to end. */
type EndChildOutput = readonly [kind: typeof OUTPUT_END_CHILD, slot: number, generation: number, child: string, reason: string];

/** What a stream's generator yielded, in order. Never more than it had credit for. */
type ValuesOutput = readonly [kind: typeof OUTPUT_VALUES, slot: number, generation: number, values: readonly unknown[]];

/** What running tasks say of their children. */
export type NestOutput = StartOutput | ParkOutput | EndChildOutput;

/** A propagator that is not strict failed on this lane. */
export type PropagatorOutput = readonly [kind: typeof OUTPUT_PROPAGATOR, propagator: string, place: PropagatorPlace, error: EncodedError];

/** What a propagator tells its other half on the host. */
export type ToldOutput = readonly [kind: typeof OUTPUT_TOLD, propagator: number, message: unknown];

/** An agent says something beside the outcomes of its turns. */
type AgentOutput = readonly [kind: typeof OUTPUT_AGENT, saying: AgentSaying];

/** The keys of results that come as rows from now on. The number is this lane's own short name for them. */
type ShapeOutput = readonly [kind: typeof OUTPUT_SHAPE, shape: number, keys: readonly string[]];

/** What a lane says of the thread or the process it is in. */
export interface LaneLook {
  readonly eventLoop: EventLoopTimes;
  readonly memory: LaneMemory;
}

type LookOutput = readonly [kind: typeof OUTPUT_LOOK, look: LaneLook];

export type LaneOutput =
  | AgentOutput
  | ShapeOutput
  | NestOutput
  | PackOutput
  | ValuesOutput
  | OutcomesOutput
  | ProgressOutput
  | LogOutput
  | ConsoleOutput
  | StrayOutput
  | RetireOutput
  | PropagatorOutput
  | ToldOutput
  | UnreadOutput
  | LookOutput;

/** How to read an outcome's payload. With a directive it is `[value or error, directive]`. */
export const FORM_OK = 0;
export const FORM_OK_DIRECTIVE = 1;
export const FORM_ERROR = 2;
export const FORM_ERROR_DIRECTIVE = 3;
/** A coroutine yielded: the payload is the bare value. */
export const FORM_SUSPENDED = 4;
/** A coroutine stopped otherwise: `[kind, value or error, data]`; see `step.ts`. */
export const FORM_STEP = 5;
/** Of the shape 0, and so on: the payload is the fields of a row, which is the value. */
export const FORM_ROW = 8;
