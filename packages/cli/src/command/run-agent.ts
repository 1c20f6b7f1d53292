import type { AgentDefinition, AgentRef } from '@heddle/core';
import { isRecord } from '@heddle/core/engine';
import type { Runtime, RuntimeEvent } from '@heddle/worker-pool';
import { talk } from '../agent/console.ts';
import { type AgentReport, createJsonReport, createTextReport } from '../agent/report.ts';
import { LineReader } from '../coroutine/line-reader.ts';
import { paint } from '../shell/color.ts';
import { type ExitCode, exitCodeOfError } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';
import { watchInterrupts } from './interrupt.ts';

/** What `heddle run` was asked of an agent. */
export interface AgentRequest {
  readonly state: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  /** For one handler. */
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
  readonly endProgress: () => void;
  /** Who hears of the runtime's events. */
  readonly listeners: Set<(event: RuntimeEvent) => void>;
}

const NO_LIMIT = { timeoutMs: Number.POSITIVE_INFINITY };

/** Starts an agent, sends it the lines of stdin as signals, stops it, and answers how it ended. Ctrl-C stops it, a second one ends the process. */
export async function runAgent(runtime: Runtime, agent: AgentDefinition, request: AgentRequest, shell: Shell): Promise<ExitCode> {
  const { state, context, timeoutMs, json, endProgress, listeners } = request;
  // What fits the agent is not known before it is loaded; its own schema checks the state.
  const ref: AgentRef = runtime.startAgent(agent, state as never, { context, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const lines: LineReader = new LineReader(shell, () => signals.hear('SIGINT'));
  const report = json ? createJsonReport(shell) : createTextReport(shell, (line) => lines.show(line));
  const signals = watchInterrupts(shell, endProgress, () => stop(ref, lines), 'stopping');
  const hear = (event: RuntimeEvent): void => {
    if (event.kind === 'signalFailed' && event.agentId === ref.id) report.failed(event.signal, event.error);
  };
  listeners.add(hear);
  try {
    // Nobody sends to what has ended.
    const ended = ref.outcome({ ...NO_LIMIT, onTimeout: 'leave' }).finally(() => lines.close());
    if (!(await begins(ref, report))) {
      const outcome = await ended;
      report.ended(outcome);
      return outcome.ok ? 0 : exitCodeOfError(outcome.error);
    }
    const completed = tellCompletion(ref, (text) => json || lines.show(paint(shell.stderr, 'dim', text)));
    const prompt = lines.interactive && shell.stderr.isTTY === true ? `${agent.name}>` : '';
    const right = await talk({ agent, ref, lines, report, prompt });
    const outcome = await ref.stop();
    await completed;
    report.ended(outcome);
    if (!right && !lines.interactive) return 2;
    if (outcome.ok) return hasFailed(outcome.value) ? 1 : 0;
    return signals.exitCode() ?? 1;
  } finally {
    listeners.delete(hear);
    signals.unwatch();
    lines.close();
  }
}

/** Tells of its first state and of each new one. Answers whether it has begun at all. */
async function begins(ref: AgentRef, report: AgentReport): Promise<boolean> {
  try {
    report.changed(await ref.state());
    ref.subscribe((state) => report.changed(state));
    return true;
  } catch (error) {
    if (ref.status === 'settled') return false;
    throw error;
  }
}

/** Settles when it has completed, or ended without. */
async function tellCompletion(ref: AgentRef, show: (text: string) => unknown): Promise<void> {
  const outcome = await ref.completion(NO_LIMIT);
  if (outcome.ok) show(`${outcome.value.status}; it goes on until it is stopped`);
}

/** Handles what it was sent; the lines that are left are dropped. */
function stop(ref: AgentRef, lines: LineReader): void {
  // How it ends is what the outcome tells.
  void ref.stop();
  lines.close();
}

function hasFailed(state: unknown): boolean {
  return isRecord(state) && state['status'] === 'failed';
}
