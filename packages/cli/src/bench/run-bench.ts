import { writeFileSync } from 'node:fs';
import { HeddleError } from '@heddle/core';
import { describeMachine } from '@heddle/measure';
import type { Runtime } from '@heddle/worker-pool';
import { watchInterrupts } from '../command/interrupt.ts';
import { chooseDefinition, loadDefinitions } from '../load-definitions.ts';
import { transferError } from '../output/file-error.ts';
import { formatCount, formatDuration } from '../report/duration.ts';
import { createProgressBar } from '../report/progress-bar.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import { analyse } from './analyse.ts';
import { type Setting, threadCall } from './contender.ts';
import { type Field, lineUp } from './contenders.ts';
import { abortable, type Measured, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { readParams } from './params.ts';
import { type Plan, planRounds } from './plan.ts';
import { measurable, type Probe, probe } from './probe.ts';
import type { ActionReport } from './report.ts';
import { reportText } from './report-text.ts';
import { warmUpAll } from './warm-up.ts';

/**
 * `heddle bench`: an action inline, on one thread and on several, in turns.
 *
 * @throws HeddleError for what is wrong with the command, the params or the action
 */
export async function runBench(options: BenchOptions, shell: Shell): Promise<ExitCode> {
  // Said before anything is measured.
  if (options.report !== undefined) await loadPage();
  const stop = new AbortController();
  const display = showProgress(shell);
  const runtimes = new Map<number, Runtime>();
  const signals = watchInterrupts(shell, display.clear, () => stop.abort(new Stopped()), 'stopping');
  try {
    const report = await measureAction(options, shell, { signal: stop.signal, display, runtimes });
    display.clear();
    await show(report, options, shell);
    return signals.exitCode() ?? (report.failed > 0 ? 1 : 0);
  } catch (error) {
    display.clear();
    if (!(error instanceof Stopped)) throw error;
    shell.stderr.write('stopped before a round was through: there is nothing to show\n');
    return signals.exitCode() ?? 130;
  } finally {
    signals.unwatch();
    await Promise.all([...runtimes.values()].map((runtime) => runtime.close({ graceMs: 0 })));
  }
}

/** A signal came. */
class Stopped extends Error {}

interface Run {
  readonly signal: AbortSignal;
  readonly display: Display;
  /** Those that are open; the caller closes them. */
  readonly runtimes: Map<number, Runtime>;
}

async function measureAction(options: BenchOptions, shell: Shell, run: Run): Promise<ActionReport> {
  const { signal, display, runtimes } = run;
  const { module, inFlight, threads } = options;
  const one = open(1, shell, runtimes);
  const action = measurable(chooseDefinition(await loadDefinitions(one, module, shell.cwd), options.action, module));
  const { context, timeoutMs } = options;
  const taskOptions = { maxRetries: 0, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const setting: Setting = { action, context, rows: await readParams(options, action, shell), options: taskOptions, shell };
  display.show(undefined, 'a first look');
  const probed = await abortable(signal, () => probe(setting, threadCall(setting, one)));
  // What the action prints has been seen now.
  const unmute = shell.mute();
  try {
    display.show(undefined, 'starting threads');
    for (const count of threads) if (count > 1) await abortable(signal, () => open(count, shell, runtimes).ready());
    return await measureField(setting, probed, lineUp(setting, probed.inline, runtimes, one, inFlight), options, run);
  } finally {
    unmute();
  }
}

async function measureField(setting: Setting, probed: Probe, field: Field, options: BenchOptions, run: Run): Promise<ActionReport> {
  const { action, rows, shell } = setting;
  const { module, inFlight, quick, threads } = options;
  const { signal, display } = run;
  const { plan, calls } = await prepare(field, probed, options, run);
  display.note(planText(action.name, plan, calls));
  const measured = await measure(field.entries, field.clock, { plan, signal, onProgress: (part, text) => display.show(part, text) });
  if (!measured.saturated.has(field.base)) throw new Stopped();
  return analyse(
    {
      ...{ action: action.name, module, inFlight, quick, threads, cores: shell.parallelism },
      ...{ base: field.base, again: field.again, map: field.map, notes: probed.notes },
      params: shortJson(rows[0]),
      rows: rows.length,
      machine: { ...describeMachine(), cores: shell.parallelism },
      end: signal.aborted ? 'signal' : 'done',
      calls: calls + callsOf(measured),
    },
    measured,
  );
}

/** As many threads as said, from the start to the end. */
function open(threads: number, shell: Shell, runtimes: Map<number, Runtime>): Runtime {
  // What an action logs in some thousand calls is no news.
  const runtime = shell.createRuntime({ threads: { min: threads, max: threads }, logger: createScreenLogger(() => {}) });
  runtimes.set(threads, runtime);
  return runtime;
}

/** The part of the time, and of the calls that may be made, before any counts. */
const WARM_SHARE = 0.2;

/** Makes everything hot, and plans the rounds by how long a call takes. */
async function prepare(
  field: Field,
  probed: Probe,
  options: BenchOptions,
  { signal, display }: Run,
): Promise<{ readonly plan: Plan; readonly calls: number }> {
  const { durationMs, rounds, quick, maxCalls } = options;
  const warmMs = Math.min(400, (durationMs * WARM_SHARE) / field.entries.length + 20);
  const warmed = await warmUpAll(field, warmMs, maxCalls * WARM_SHARE, (name, work) => {
    display.show(undefined, `warming up: ${name}`);
    return abortable(signal, work);
  });
  field.clock.takeRunMs();
  const calls = probed.calls + warmed.calls;
  const limits = { durationMs: durationMs * (1 - WARM_SHARE), rounds, quick, maxCalls, madeCalls: calls };
  return { plan: planRounds(warmed.kinds, limits), calls };
}

function planText(action: string, { rounds, totalCalls, totalMs }: Plan, before: number): string {
  const times = `about ${formatCount(Number(totalCalls.toPrecision(2)))} times more (${formatCount(before)} so far)`;
  return `\`${action}\` is run ${times}, in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, which takes about ${formatDuration(Math.max(totalMs, 1000))}`;
}

function callsOf(measured: Measured): number {
  const samples = Object.values(measured).flatMap((of) => [...of.values()].flat());
  return samples.reduce((sum, { calls }) => sum + calls, 0);
}

async function show(report: ActionReport, { json, report: path }: BenchOptions, { stdout, stderr }: Shell): Promise<void> {
  stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportText(stdout, report)}\n`);
  if (path === undefined) return;
  const { pageOf } = await loadPage();
  try {
    writeFileSync(path, pageOf(report, new Date()));
  } catch (error) {
    throw transferError('The report', path, error);
  }
  stderr.write(`the report is in ${path}\n`);
}

/** The library that draws is large: installed and loaded by those alone who want a picture. */
async function loadPage(): Promise<typeof import('./report-page.ts')> {
  try {
    return await import('./report-page.ts');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    const message = '`--report` draws with echarts, which is not installed beside heddle: `npm install echarts`';
    throw new HeddleError('config_error', message, { cause });
  }
}

const SHOWN = 200;

function shortJson(params: unknown): string {
  const text = JSON.stringify(params) ?? '';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

interface Display {
  show(fraction: number | undefined, text: string): void;
  note(text: string): void;
  readonly clear: () => void;
}

/** A bar at a terminal; elsewhere notes alone. */
function showProgress({ stderr }: Shell): Display {
  const bar = stderr.isTTY === true ? createProgressBar(stderr) : undefined;
  const clear = (): void => bar?.clear();
  return {
    show: (fraction, text) => bar?.draw(fraction, text),
    note(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    clear,
  };
}
