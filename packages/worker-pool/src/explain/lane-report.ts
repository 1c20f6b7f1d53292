import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Isolation } from '../isolation.ts';
import type { Lane } from '../lane/lane.ts';
import type { KeptLane } from '../lane/lane-keeper.ts';
import type { EventLoopTimes, LaneMemory } from '../lane/thread-pool.ts';
import type { LaneLook } from '../protocol/output.ts';
import type { LaneTask } from './explanation.ts';
import { begunOn } from './lane-task.ts';
import type { RuntimeView } from './view.ts';

/**
 * What a lane is doing: its thread is being started; it has nothing; something is on it; it gets nothing new, and is replaced once it is
 * empty; it waits to take another's place; its thread was told to end; its thread ignores that.
 */
export type LaneState = 'opening' | 'idle' | 'busy' | 'retiring' | 'spare' | 'ending' | 'zombie';

/** How busy a lane's event loop is. A thread that waits for work is idle; one in a synchronous loop is active. */
export interface LaneEventLoop {
  /** Since the thread started, in milliseconds. */
  readonly activeMs: number;
  readonly idleMs: number;
  /** The active share, from 0 to 1: since the reports that `lanes` was given, else since the thread started. */
  readonly utilization: number;
}

/** One lane at one moment. */
export interface LaneReport {
  /** Where it stands: the lowest number that was free when it was opened, so that a replacement has, as a rule, that of what it replaced. */
  readonly index: number;
  /** Whether it is one of those where coroutines, streams and agents live. They are numbered by themselves. */
  readonly stateful: boolean;
  readonly isolation: Isolation;
  /** The thread's id; of a process its own. `undefined` while it is being opened. */
  readonly threadId: number | undefined;
  readonly state: LaneState;
  /** What has begun on it and not left it. */
  readonly running: readonly LaneTask[];
  /** Tasks that were sent to it and have not begun. */
  readonly waiting: number;
  /** Tasks it has settled. */
  readonly settled: number;
  /** What lives on it. */
  readonly coroutines: number;
  readonly agents: number;
  /** `undefined` for a process, and until a thread has begun. Of inline lanes that of the host's own thread. */
  readonly eventLoop: LaneEventLoop | undefined;
  /** `undefined` for a process, on Node before 22.16, and where the thread did not answer in time. Of inline lanes that of the host's own thread. */
  readonly memory: LaneMemory | undefined;
}

/** What lanes are reported from. */
export interface LaneSource {
  readonly view: RuntimeView;
  readonly clock: Clock;
  readonly isolation: Isolation;
  coroutinesOn(lane: Lane): number;
  agentsOn(lane: Lane): number;
}

/** Milliseconds a lane has to say what it is like inside; one in native code cannot, and one that has to say it itself cannot while it computes. */
const ANSWER_WITHIN_MS = 100;

/** All lanes, those of stateful work last. Utilisation is that since `previous`. */
export async function reportLanes(source: LaneSource, previous: readonly LaneReport[]): Promise<readonly LaneReport[]> {
  const { main, stateful } = source.view;
  const reports = [reportPart(source, main, false, previous), stateful === undefined ? [] : reportPart(source, stateful, true, previous)];
  return Promise.all(reports.flat());
}

function reportPart(source: LaneSource, part: Dispatcher, stateful: boolean, previous: readonly LaneReport[]): Promise<LaneReport>[] {
  const kept = [...part.keeper.kept()].sort((a, b) => a.place - b.place);
  const reports = kept.map(async (each) => reportLane(source, part, stateful, each, previous));
  const { isolation } = source;
  const taken = new Set(kept.map(({ place }) => place));
  for (let index = 0, opening = 0; opening < part.scheduler.opening; index++) {
    if (taken.has(index)) continue;
    opening++;
    reports.push(Promise.resolve({ ...NOTHING, index, stateful, isolation }));
  }
  return reports;
}

const NOTHING = {
  threadId: undefined,
  state: 'opening',
  running: [],
  waiting: 0,
  settled: 0,
  coroutines: 0,
  agents: 0,
  eventLoop: undefined,
  memory: undefined,
} as const;

async function reportLane(
  source: LaneSource,
  part: Dispatcher,
  stateful: boolean,
  { lane, place, condition }: KeptLane,
  previous: readonly LaneReport[],
): Promise<LaneReport> {
  const running = begunOn(lane, source.view);
  const before = previous.find((report) => report.threadId === lane.threadId && report.index === place && report.stateful === stateful);
  const ofAll = { index: place, stateful, isolation: source.isolation, threadId: lane.threadId };
  const counts = {
    running,
    waiting: lane.inFlight + part.packs.uncountedOn(lane) - running.reduce((sum, { items = 1 }) => sum + items, 0),
    settled: lane.settled,
    coroutines: source.coroutinesOn(lane),
    agents: source.agentsOn(lane),
  };
  const state = condition === 'serving' ? servingState(lane, part) : condition;
  const { eventLoop, memory } = await answered(lane, source.clock);
  return { ...ofAll, state, ...counts, eventLoop: sinceThen(eventLoop, before?.eventLoop), memory };
}

function servingState(lane: Lane, { scheduler }: Dispatcher): LaneState {
  if (scheduler.retires(lane)) return 'retiring';
  return lane.inFlight > 0 ? 'busy' : 'idle';
}

function sinceThen(times: EventLoopTimes | undefined, before: LaneEventLoop | undefined): LaneEventLoop | undefined {
  if (times === undefined) return undefined;
  const activeMs = times.activeMs - (before?.activeMs ?? 0);
  const idleMs = times.idleMs - (before?.idleMs ?? 0); // Taken first: added to the active time it would lose its last digits.
  const wholeMs = activeMs + idleMs;
  return { ...times, utilization: wholeMs <= 0 ? 0 : Math.min(1, Math.max(0, activeMs / wholeMs)) };
}

/** Waits for an answer for a while; what Node tells at once is told in any case. */
function answered(lane: Lane, clock: Clock): Promise<Partial<LaneLook>> {
  const eventLoop = lane.eventLoop();
  const known = eventLoop === undefined ? {} : { eventLoop };
  return new Promise((resolve) => {
    const leave = lane.look((look) => {
      limit.cancel();
      resolve({ ...look, ...known });
    });
    const unanswered = (): void => {
      leave();
      resolve(known);
    };
    // Nothing else may keep the process meanwhile.
    const limit = clock.after(ANSWER_WITHIN_MS, unanswered);
  });
}
