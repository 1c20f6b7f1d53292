import { performance } from 'node:perf_hooks';
import type { HeddleError, Outcome } from '@heddle/core';
import type { Shell } from '../shell/shell.ts';

/** What some calls, made one after the other or several at once, took. */
export interface Slice {
  readonly calls: number;
  readonly failed: number;
  /** The first failure, if there was one. */
  readonly error: HeddleError | undefined;
  readonly wallMs: number;
  /** CPU time of the process, all threads. */
  readonly cpuMs: number;
  /** Time in which the main thread was at work, or wanted to be. */
  readonly busyMs: number;
  /** Milliseconds from call to answer, of a sample of the calls. */
  readonly latenciesMs: readonly number[];
}

/** Makes a call and answers how it ended; never rejects. */
export type Call = (params: unknown) => Outcome | Promise<Outcome>;

/** What calls are driven with. */
export interface DriveOptions {
  readonly call: Call;
  /** The params of the next call. */
  readonly next: () => unknown;
  readonly calls: number;
  readonly inFlight: number;
  readonly shell: Pick<Shell, 'now' | 'cpuMs'>;
}

/** Latencies kept of a slice: enough for its p99. */
const SAMPLES = 500;

/** Makes calls, `inFlight` at a time: as many callers, each waiting for its answer before it asks again. */
export async function drive({ call, next, calls, inFlight, shell }: DriveOptions): Promise<Slice> {
  const every = Math.max(1, Math.floor(calls / SAMPLES));
  const latenciesMs: number[] = [];
  let begun = 0;
  let failed = 0;
  let error: HeddleError | undefined;
  const caller = async (): Promise<void> => {
    while (begun < calls) {
      const sampled = begun++ % every === 0;
      const calledMs = sampled ? shell.now() : 0;
      // Inline too: a call that is waited for, as it would be written, and then the next caller's turn.
      const outcome = await call(next());
      if (sampled) latenciesMs.push(shell.now() - calledMs);
      if (outcome.ok) continue;
      failed += 1;
      error ??= outcome.error;
    }
  };
  const took = await timed(shell, async () => {
    await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, caller));
  });
  return { calls, failed, error, ...took, latenciesMs };
}

/** Wall, CPU and main-thread time of a stretch of work. */
export async function timed(
  shell: Pick<Shell, 'now' | 'cpuMs'>,
  work: () => Promise<void>,
): Promise<Pick<Slice, 'wallMs' | 'cpuMs' | 'busyMs'>> {
  const [now, cpu, busy] = [shell.now(), shell.cpuMs(), busyMs()];
  await work();
  return { wallMs: shell.now() - now, cpuMs: shell.cpuMs() - cpu, busyMs: busyMs() - busy };
}

/** Several slices as one. */
export function joinSlices(slices: readonly Slice[]): Slice {
  const sum = (key: 'calls' | 'failed' | 'wallMs' | 'cpuMs' | 'busyMs'): number => slices.reduce((total, slice) => total + slice[key], 0);
  return {
    calls: sum('calls'),
    failed: sum('failed'),
    error: slices.find(({ error }) => error !== undefined)?.error,
    wallMs: sum('wallMs'),
    cpuMs: sum('cpuMs'),
    busyMs: sum('busyMs'),
    latenciesMs: slices.flatMap(({ latenciesMs }) => latenciesMs),
  };
}

function busyMs(): number {
  return performance.eventLoopUtilization().active;
}
