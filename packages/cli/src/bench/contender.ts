import type { Action } from '@heddle/core';
import { type AttemptTrace, type Runtime, subscribeTelemetry, type TaskOptions } from '@heddle/worker-pool';
import type { Shell } from '../shell/shell.ts';
import type { Inline } from './inline.ts';
import { type Call, drive, type Slice, timed } from './slice.ts';

/** What is measured of one way to run the action. */
export interface Contender {
  readonly name: string;
  /** 0: the main thread. */
  readonly threads: number;
  /** Makes calls, so many at a time. */
  drive(calls: number, inFlight: number): Promise<Slice>;
}

/** What every contender needs. */
export interface Setting {
  readonly action: Action<never, unknown>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly rows: readonly unknown[];
  readonly options: TaskOptions;
  readonly shell: Shell;
}

/** The word for a number of threads. */
export function threadsName(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/** The action on the main thread. `again` names it as the control. */
export function inlineContender({ rows, shell }: Setting, { call }: Inline, name = 'inline'): Contender {
  return callContender(name, 0, call, rows, shell);
}

/** The same, each call in a turn of the event loop of its own, as it is where calls come as requests do. */
export function turnsContender({ rows, shell }: Setting, { call }: Inline): Contender {
  const inTurn: Call = async (params) => {
    await new Promise(setImmediate);
    return call(params);
  };
  return callContender('inline', 0, inTurn, rows, shell);
}

/** `runtime.run` for each call. */
export function threadsContender(setting: Setting, runtime: Runtime, threads: number, name: string = threadsName(threads)): Contender {
  return callContender(name, threads, threadCall(setting, runtime), setting.rows, setting.shell);
}

/** One `runtime.map` over all calls of a slice, as a batch job has it; what a single call waits is nothing there. */
export function mapContender({ action, context, rows, options, shell }: Setting, runtime: Runtime, threads: number): Contender {
  const next = taker(rows);
  return {
    name: `map, ${threadsName(threads)}`,
    threads,
    async drive(calls) {
      let failed = 0;
      let error: Slice['error'];
      const items = Array.from({ length: calls }, next);
      const took = await timed(shell, async () => {
        // The schema of the action has checked the rows.
        for await (const { outcome } of runtime.map(action, items as never[], { ...options, context })) {
          if (outcome.ok) continue;
          failed += 1;
          error ??= outcome.error;
        }
      });
      return { calls, failed, error, ...took, latenciesMs: [] };
    },
  };
}

/** A contender that also tells how long its calls ran in the thread. */
export interface ThreadClock extends Contender {
  /** Milliseconds of the calls' own time since last asked. */
  takeRunMs(): number;
}

/** `runtime.run`, with the time of each attempt in its thread added up. */
export function clockedContender(setting: Setting, runtime: Runtime): ThreadClock {
  const { name, threads, drive: driveCalls } = threadsContender(setting, runtime, 1);
  let runMs = 0;
  const attemptEnd = (attempt: AttemptTrace): void => {
    runMs += attempt.runMs;
  };
  return {
    name,
    threads,
    async drive(calls, inFlight) {
      const stop = subscribeTelemetry({ attemptEnd });
      try {
        return await driveCalls(calls, inFlight);
      } finally {
        stop();
      }
    },
    takeRunMs() {
      const taken = runMs;
      runMs = 0;
      return taken;
    },
  };
}

/** One call on a thread. */
export function threadCall({ action, context, options }: Setting, runtime: Runtime): Call {
  // What fits the action is not known before it is loaded; its own schema checks the params.
  return (params) => runtime.run(action, params as never, context, options);
}

function callContender(name: string, threads: number, call: Call, rows: readonly unknown[], shell: Shell): Contender {
  const next = taker(rows);
  return { name, threads, drive: (calls, inFlight) => drive({ call, next, calls, inFlight, shell }) };
}

/** The rows in turns, without an end. */
function taker(rows: readonly unknown[]): () => unknown {
  let at = 0;
  return () => rows[at++ % rows.length];
}
