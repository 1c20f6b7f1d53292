import { type CoroutineAction, HeddleError, isHeddleError, type TerminalStep } from '@heddle/core';
import { isRecord } from '@heddle/core/engine';
import type { Runtime } from '@heddle/worker-pool';
import { converse } from '../coroutine/converse.ts';
import { formOf } from '../coroutine/form.ts';
import { questionText } from '../coroutine/question.ts';
import { streamValues } from '../coroutine/stream-values.ts';
import { paint } from '../shell/color.ts';
import { type ExitCode, exitCodeOfError } from '../shell/exit-code.ts';
import type { Shell } from '../shell/shell.ts';
import { watchInterrupts } from './interrupt.ts';
import { printError, printValue } from './print.ts';

/** What `heddle run` was asked of a coroutine. */
export interface CoroutineRequest {
  readonly params: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly options: { readonly timeoutMs?: number; readonly onProgress: (details: unknown) => void };
  readonly json: boolean;
  readonly endProgress: () => void;
}

type Action = CoroutineAction<never, unknown, unknown, never>;

/** Runs a coroutine at the terminal or over a pipe, and answers how it ended. Ctrl-C cancels it, a second one ends the process. */
export async function runCoroutine(runtime: Runtime, action: Action, request: CoroutineRequest, shell: Shell): Promise<ExitCode> {
  const { params, context, options, json, endProgress } = request;
  const form = action.resumeSchema === undefined ? undefined : formOf(action.resumeSchema);
  let cancel: (reason: string) => void = () => {};
  const signals = watchInterrupts(shell, endProgress, (signal) => cancel(`stopped by ${signal}`));
  try {
    const last = await converse(
      (ended) => {
        const onStep = ({ kind }: { readonly kind: string }): void => void (kind !== 'suspended' && ended());
        // What fits the action is not known before it is loaded; its own schemas check what it is given.
        const coroutine = runtime.coroutine(action, params as never, context, { ...options, onStep });
        cancel = (reason) => void coroutine.cancel(reason);
        return coroutine;
      },
      { form, json, shell, interrupt: signals.hear, endProgress },
    );
    const code = json ? codeOf(last) : printLast(last, shell);
    return last.kind === 'completed' ? code : (signals.exitCode() ?? code);
  } catch (error) {
    endProgress();
    return signals.exitCode() ?? fail(error, shell);
  } finally {
    signals.unwatch();
  }
}

/** Prints what a coroutine yields, as it comes. */
export async function runStream(runtime: Runtime, action: Action, request: CoroutineRequest, shell: Shell): Promise<ExitCode> {
  const { params, context, options, endProgress } = request;
  const controller = new AbortController();
  const signals = watchInterrupts(shell, endProgress, (signal) => controller.abort(`stopped by ${signal}`));
  try {
    // As for a coroutine: its own schema checks the params.
    await streamValues(runtime.stream(action, params as never, context, { ...options, signal: controller.signal }), shell);
    return 0;
  } catch (error) {
    endProgress();
    return signals.exitCode() ?? fail(error, shell);
  } finally {
    signals.unwatch();
  }
}

function printLast(last: TerminalStep, shell: Shell): ExitCode {
  switch (last.kind) {
    case 'completed':
      return printValue(last.value, shell);
    case 'thrown':
      return isFault(last.error) ? printError(last.fault, shell) : printThrown(last.error, shell);
    case 'cancelled':
      return printError(new HeddleError('cancelled', `It was cancelled: ${last.reason}`), shell);
  }
}

/** Whether it ended by a fault, and not by a domain throw, whose value is bare. */
function isFault(error: unknown): boolean {
  return isRecord(error) && 'payload' in error && ['error', 'throw', 'exit'].includes(String(error['kind']));
}

/** A domain throw is an answer: its value is shown, and no place. */
function printThrown(value: unknown, { stderr }: Shell): ExitCode {
  stderr.write(`${paint(stderr, 'bad', 'error:')} ${questionText(value)} ${paint(stderr, 'dim', '(thrown)')}\n`);
  return 1;
}

function codeOf(last: TerminalStep): ExitCode {
  if (last.kind === 'completed') return 0;
  return last.kind === 'thrown' ? exitCodeOfError(last.fault) : 1;
}

function fail(error: unknown, shell: Shell): ExitCode {
  if (!isHeddleError(error)) throw error;
  return printError(error, shell);
}
