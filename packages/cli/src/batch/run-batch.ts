import { type Action, HeddleError } from '@heddle/core';
import type { MapOptions, Runtime } from '@heddle/worker-pool';
import { serveBeside } from '../dashboard/beside.ts';
import { type Input, openInput } from '../input/open-input.ts';
import { choosePlainAction, loadDefinitions } from '../load-definitions.ts';
import { settledRow } from '../output/line.ts';
import { type ProgressDisplay, showNotes, showProgress } from '../report/progress.ts';
import { type ExitCode, exitCodeOfSignal } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { RuntimeRequest, Shell } from '../shell/shell.ts';
import { conclude, showSummary } from './conclude.ts';
import { type OpenBatch, openBatch } from './open-batch.ts';
import type { BatchOptions } from './options.ts';
import type { BatchState } from './state.ts';

/**
 * `heddle batch`: an action over every row of an input.
 *
 * @throws HeddleError for what is wrong before the first row; after that the summary tells
 */
export async function runBatch(options: BatchOptions, shell: Shell): Promise<ExitCode> {
  const state: BatchState = { startedAt: shell.now(), cpuAtStart: shell.cpuMs(), signal: undefined, broken: undefined };
  const input = openInput(options.input, shell);
  let display: ProgressDisplay | undefined;
  const note = (line: string): void => (display === undefined ? void shell.stderr.write(`${line}\n`) : display.note(line));
  const runtime = shell.createRuntime({ ...lanesFor(options, shell), logger: createScreenLogger(note) });
  let endPage = async (): Promise<void> => {};
  try {
    endPage = await serveBeside(runtime, options.dashboard, shell);
    const action = choosePlainAction(await loadDefinitions(runtime, options.module, shell.cwd), options.action, options.module);
    await open(runtime);
    const batch = await openBatch({ options, shell, input, action, state, note });
    const rowsGoBy = options.output === undefined && shell.stdout.isTTY === true;
    display = rowsGoBy ? showNotes(shell) : showProgress(shell, () => sampleOf(batch, input, options));
    await work({ drain: new AbortController(), runtime, action, batch, input, options, shell, state, display });
    display.stop();
    display = undefined;
    const summary = conclude(batch, options, shell, state);
    showSummary(summary, options, shell);
    return summary.exitCode;
  } finally {
    display?.stop();
    input.stop();
    await runtime.close();
    await endPage();
  }
}

/** Opens the first lane before a row is read: with none, every row would fail alike. */
async function open(runtime: Runtime): Promise<void> {
  try {
    await runtime.ready();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HeddleError('internal_error', `No thread could be started: ${reason}`, { cause: error });
  }
}

interface Work {
  /** Ends the map gently: rows that have not begun are let go, to be run by a later resume. */
  readonly drain: AbortController;
  readonly runtime: Runtime;
  readonly action: Action<never, unknown>;
  readonly batch: OpenBatch;
  readonly input: Input;
  readonly options: BatchOptions;
  readonly shell: Shell;
  readonly state: BatchState;
  readonly display: ProgressDisplay;
}

/** Runs the rows and records them; whatever breaks on the way is kept in the state, and what was settled by then is written. */
async function work(parts: Work): Promise<void> {
  const { batch, state } = parts;
  const unwatch = watch(parts);
  try {
    await runRows(parts);
  } catch (error) {
    state.broken ??= error;
  }
  try {
    await batch.sink.close();
  } catch (error) {
    state.broken ??= error;
  }
  state.broken ??= batch.source.error;
  unwatch();
}

async function runRows({ drain, runtime, action, batch, options, shell, input }: Work): Promise<void> {
  const { source, sink, tally } = batch;
  // What fits the action is known to its schema alone; failures among the rows pass through (SEMANTICS R-2).
  const rows = source as AsyncIterable<never>;
  for await (const { index, outcome, attempts, durationMs } of runtime.map(action, rows, {
    ...mapOptionsOf(options, shell),
    drainSignal: drain.signal,
  })) {
    const row = source.take(index);
    if (row === undefined) throw new HeddleError('internal_error', `The runtime settled item ${index}, which it was not given`);
    const settled = settledRow(row, outcome, { ms: durationMs, attempts });
    sink.add(row, settled);
    tally.add(row, settled.error, durationMs);
    if (tally.failed >= options.maxErrors) stop({ drain, batch, input });
    if (sink.full) await sink.drained();
  }
}

function stop({ drain, batch: { source }, input }: Pick<Work, 'drain' | 'batch' | 'input'>): void {
  drain.abort();
  source.stop();
  input.stop();
}

/** The first signal stops the reading and lets the rows under way finish; the second ends the process, with what has settled written. */
function watch({ drain, batch, input, options, shell, state, display }: Work): () => void {
  return shell.onSignal((signal) => {
    if (state.signal === undefined) {
      state.signal = signal;
      display.note('finishing the rows under way; once more ends at once');
      return stop({ drain, batch, input });
    }
    try {
      batch.sink.flush();
    } catch (error) {
      state.broken ??= error;
    }
    display.stop();
    showSummary(conclude(batch, options, shell, state), options, shell);
    shell.exit(exitCodeOfSignal(signal));
  });
}

function lanesOf({ threads }: BatchOptions, shell: Shell): number {
  return threads ?? shell.parallelism;
}

/** Up to as many tasks as lanes is a number of lanes; more share them. */
/** What the rows run on. */
function lanesFor(options: BatchOptions, shell: Shell): Pick<RuntimeRequest, 'threads' | 'isolation'> {
  const { isolation } = options;
  return { ...threadsOf(options, shell), ...(isolation === undefined ? {} : { isolation }) };
}

function threadsOf(options: BatchOptions, shell: Shell): { threads?: { max: number; concurrency?: number } } {
  const { threads, concurrency } = options;
  const lanes = lanesOf(options, shell);
  if (concurrency === undefined) return threads === undefined ? {} : { threads: { max: threads } };
  if (concurrency <= lanes) return { threads: { max: concurrency } };
  return { threads: { max: lanes, concurrency: Math.ceil(concurrency / lanes) } };
}

function mapOptionsOf(options: BatchOptions, shell: Shell): MapOptions {
  const { context, keepOrder, timeoutMs, maxRetries, concurrency } = options;
  return {
    context,
    ordered: keepOrder,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    // Below that the lanes are the limit, and tiny tasks may be sent ahead.
    ...(concurrency === undefined || concurrency <= lanesOf(options, shell) ? {} : { concurrency }),
  };
}

/** The part done is told by bytes, scaled by how many of the rows cut out of them are done: the input is read ahead. */
function sampleOf(
  { source, tally, trail }: OpenBatch,
  { size }: Input,
  { limit }: BatchOptions,
): { rows: number; failed: number; fraction: number | undefined } {
  const rows = tally.ok + tally.failed;
  const passed = rows + source.skipped;
  const byBytes = size === undefined || size === 0 || source.cut === 0 ? undefined : (trail.read / size) * (passed / source.cut);
  const byLimit = passed / limit;
  const fraction = byBytes === undefined && limit === Number.POSITIVE_INFINITY ? undefined : Math.min(Math.max(byBytes ?? 0, byLimit), 1);
  return { rows, failed: tally.failed, fraction };
}
