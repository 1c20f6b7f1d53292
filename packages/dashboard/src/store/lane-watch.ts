import type { LaneReport, LaneTask, Runtime } from '@heddle/worker-pool';
import type { LaneRow, RunningRow } from '../wire.ts';
import { laneName } from './lane-names.ts';

/** Running tasks of a lane that are told. */
const RUNNING_TOLD = 8;

/** What the lanes do: asked for again and again while somebody looks, and never twice at once, for a busy thread takes a while to answer. */
export class LaneWatch {
  readonly #runtime: Runtime;
  #reports: readonly LaneReport[] = [];
  #asking = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Settles when the rows are those of now, or the last there were. */
  async look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#reports = await this.#runtime.lanes(this.#reports);
    } catch {
      // It is closing: nothing is left to be told.
    } finally {
      this.#asking = false;
    }
  }

  rows(): LaneRow[] {
    return this.#reports.map(rowOf);
  }

  /** The thread of a lane. */
  threadOf(lane: string): number | undefined {
    return this.#reports.find((report) => laneName(report) === lane)?.threadId;
  }
}

function rowOf(report: LaneReport): LaneRow {
  const { threadId, state, settled, waiting, coroutines, agents, eventLoop, memory, running } = report;
  return {
    lane: laneName(report),
    ...(threadId === undefined ? {} : { thread: threadId }),
    state,
    settled,
    waiting,
    living: coroutines + agents,
    ...(eventLoop === undefined ? {} : { busy: eventLoop.utilization }),
    ...(memory === undefined ? {} : { heapBytes: memory.heapUsedBytes }),
    running: running.slice(0, RUNNING_TOLD).map(runningOf),
    more: Math.max(0, running.length - RUNNING_TOLD),
  };
}

function runningOf({ id, action, state, sinceMs, items }: LaneTask): RunningRow {
  return { id, action, state, ...(sinceMs === undefined ? {} : { forMs: sinceMs }), ...(items === undefined ? {} : { items }) };
}
