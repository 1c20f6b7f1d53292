import type { InspectedTask, Inspection, Runtime, RuntimeStats } from '@heddle/worker-pool';
import { inspectRuntime } from '@heddle/worker-pool';
import type { EventRow, Frame, Point, TaskDetails, TaskRow, Totals } from '../wire.ts';
import { ActionCounts } from './action-counts.ts';
import { Failures } from './failures.ts';
import { Follower } from './follower.ts';
import { KeptTasks } from './kept-tasks.ts';
import { LaneNames } from './lane-names.ts';
import { LaneWatch } from './lane-watch.ts';
import { Latency } from './latency.ts';
import { LiveTasks } from './live-tasks.ts';
import { Ring } from './ring.ts';
import { Sampler } from './sampler.ts';
import { errorText, valueText } from './text.ts';
import { TimeLine } from './time-line.ts';

/** Seconds of points that are kept; open tasks that are told; new rows in a frame. */
const SECONDS = 300;
const OPEN_TOLD = 100;
const ROWS_TOLD = 40;
const EVENTS = 100;
/** Ticks in a second, and in a window of latencies. */
const SECOND_TICKS = 4;
const WINDOW_TICKS = 30 * SECOND_TICKS;

/** Up to where somebody has been told. */
export interface Marks {
  readonly rows: number;
  readonly spans: number;
  readonly points: number;
  readonly events: number;
}

/** What the dashboard knows of one runtime; bounded in memory, whatever the load. {@link tick} is called four times a second. */
export class DashboardStore {
  readonly inspection: Inspection;
  readonly lanes: LaneWatch;
  readonly #names = new LaneNames();
  readonly #runtime: Runtime;
  readonly #actions = new ActionCounts();
  readonly #failures = new Failures();
  readonly #kept: KeptTasks;
  readonly #live = new LiveTasks();
  readonly #latency = new Latency();
  readonly #timeLine = new TimeLine();
  readonly #events = new Ring<EventRow>(EVENTS);
  readonly #points = new Ring<Point>(SECONDS);
  readonly #follower: Follower;
  readonly #wall: () => number;
  #ticks = 0;
  #before: RuntimeStats;

  constructor(runtime: Runtime, keep: number, each: boolean, wall: () => number) {
    this.#runtime = runtime;
    this.#wall = wall;
    this.lanes = new LaneWatch(runtime);
    this.#kept = new KeptTasks(keep);
    this.#follower = new Follower({
      sampler: new Sampler(),
      actions: this.#actions,
      failures: this.#failures,
      kept: this.#kept,
      live: this.#live,
      latency: this.#latency,
      timeLine: this.#timeLine,
      events: this.#events,
      redact: (value) => this.inspection.redact(value),
      laneOf: (threadId) => this.#laneOf(threadId),
      wall,
    });
    this.inspection = inspectRuntime(runtime, this.#follower);
    this.inspection.each = each;
    this.#before = runtime.stats();
  }

  close(): void {
    this.inspection.close();
  }

  tick(): void {
    this.#names.learn(this.inspection.places());
    this.#follower.tick();
    this.#ticks++;
    if (this.#ticks % SECOND_TICKS === 0) this.#second();
    if (this.#ticks % WINDOW_TICKS === 0) this.#actions.turn();
  }

  #second(): void {
    const [stats, before] = [this.#runtime.stats(), this.#before];
    const latency = this.#latency.percentiles();
    this.#points.push({
      seq: this.#points.next,
      at: this.#wall(),
      ok: stats.completed - before.completed,
      failed: stats.failed - before.failed,
      cancelled: stats.cancelled - before.cancelled,
      queued: stats.queued,
      running: stats.running,
      ...latency,
    });
    this.#before = stats;
    this.#latency.reset();
    this.#actions.second();
  }

  /** Up to now. */
  marks(): Marks {
    return { rows: this.#kept.next, spans: this.#timeLine.next, points: this.#points.next, events: this.#events.next };
  }

  /** How things stand; the lists of what is new begin at the marks, and hold all there is without any. */
  frame(since: Marks | undefined): Frame {
    return {
      at: this.#wall(),
      totals: totalsOf(this.#runtime.stats()),
      lanes: this.lanes.rows(),
      open: this.inspection.tasks(OPEN_TOLD).map((task) => this.#rowOf(task)),
      actions: this.#actions.rows(),
      failures: this.#failures.rows(),
      newRecent: since === undefined ? this.#kept.all() : this.#kept.since(since.rows, ROWS_TOLD),
      newSpans: this.#timeLine.since(since?.spans ?? 0),
      newPoints: this.#points.since(since?.points ?? 0),
      newEvents: this.#events.since(since?.events ?? 0),
    };
  }

  #laneOf(threadId: number | undefined): string | undefined {
    const known = this.#names.of(threadId);
    if (known !== undefined || threadId === undefined) return known;
    // It was opened since the last tick.
    this.#names.learn(this.inspection.places());
    return this.#names.of(threadId);
  }

  #rowOf({ id, action, kind, tag, parentId, status, attempts, threadId, runningMs }: InspectedTask): TaskRow {
    const lane = this.#laneOf(threadId);
    return {
      id,
      action,
      kind,
      state: status,
      attempts,
      ...(tag === undefined ? {} : { tag }),
      ...(parentId === undefined ? {} : { parentId }),
      ...(lane === undefined ? {} : { lane }),
      ...(runningMs === undefined ? {} : { runMs: runningMs }),
    };
  }

  /** All that is known of a task; `undefined` when nothing is. */
  details(id: string): TaskDetails | undefined {
    const open = this.inspection.task(id);
    const record = (open === undefined ? undefined : this.#live.get(id)) ?? this.#kept.get(id) ?? this.#live.get(id);
    const task = open === undefined ? record?.row : this.#rowOf(open);
    if (task === undefined) return undefined;
    const redact = (value: unknown): unknown => this.inspection.redact(value);
    const params = open === undefined ? record?.params : open.params === undefined ? undefined : valueText(open.params);
    const error = open?.lastError === undefined ? record?.error : errorText(open.lastError, redact);
    return {
      task,
      open: open !== undefined,
      ...(params === undefined ? {} : { params }),
      ...(record?.value === undefined ? {} : { value: record.value }),
      ...(error === undefined ? {} : { error }),
      ...(open?.progress === undefined ? {} : { progress: valueText(open.progress) }),
      attempts: record?.attempts ?? [],
      steps: record?.steps ?? [],
      logs: record?.logs ?? [],
      children: [...(open?.children ?? []).map((child) => this.#rowOf(child)), ...this.#kept.childrenOf(id)],
      ...(open?.resumeSchema === undefined ? {} : { resumeSchema: open.resumeSchema }),
    };
  }
}

function totalsOf({ coroutines, ...stats }: RuntimeStats): Totals {
  const { queued, running, retrying, compensating, agents, completed, failed, cancelled, lanesLost, lanesKilled, zombies } = stats;
  const tasks = { queued, running, retrying, compensating, coroutines: coroutines.open, suspended: coroutines.suspended, agents };
  return { ...tasks, completed, failed, cancelled, lanesLost, lanesKilled, zombies };
}
