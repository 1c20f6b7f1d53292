import { HeddleError, type Outcome } from '@heddle/core';
import type { AsyncRef, TaskOptions } from '@heddle/worker-pool';
import { choosePlainAction, loadActions } from '../load-action.ts';
import { showDetails } from '../report/details.ts';
import { errorText } from '../shell/error-text.ts';
import { type ExitCode, exitCodeOfError, exitCodeOfSignal, type Signal } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import type { CommandSpec, Given } from './spec.ts';
import { countValue, durationValue, jsonValue, numberOption, objectValue, textOption } from './value.ts';

/** `heddle run`: one task. */
export const runCommand: CommandSpec = {
  name: 'run',
  arguments: [['<module>', 'the file that exports the action (.js, .mjs, .ts, …)']],
  summary: 'run an action once and print its value',
  description: 'Runs an action once, on a thread, and prints its value as JSON on stdout.\nProgress and errors go to stderr.',
  options: [
    { flags: '-p, --params <json>', description: 'what the action is given, as JSON (default: {})' },
    { flags: '-a, --action <name>', description: 'which action, where the file has several' },
    { flags: '-c, --context <json>', description: "the action's ctx.context, a JSON object" },
    { flags: '-t, --timeout <duration>', description: 'time for one attempt: 500ms, 2s, 1m (default: 5s)', parse: durationValue },
    { flags: '-r, --retries <n>', description: 'how often to try again after a failure (default: 1)', parse: countValue },
  ],
  examples: [
    [`heddle run resize.ts --params '{"path":"a.jpg","width":320}'`, 'runs the one action of the file'],
    [`heddle run images.ts --action resize --params '{"path":"a.jpg"}' --timeout 1m`, 'chooses an action, and gives it a minute'],
    [`heddle run resize.ts -p '{"path":"a.jpg"}' | jq .bytes`, 'takes a field out of the value'],
  ],
  notes: `Ctrl-C asks the task to end, and ends its thread when it does not; a second one ends at once.
Exit code: 0 it went well · 1 it failed · 2 the command, the action or the params are wrong ·
3 the runtime failed · 130 Ctrl-C, 143 SIGTERM.`,
  run: runOnce,
};

async function runOnce(given: Given, shell: Shell): Promise<ExitCode> {
  const {
    arguments: [module = ''],
    options,
  } = given;
  const paramsText = textOption(options, 'params');
  const params = paramsText === undefined ? {} : jsonValue('--params', paramsText);
  const context = objectValue('--context', textOption(options, 'context'));
  const details = showDetails(shell);
  const show = (line: string): void => {
    details.stop();
    shell.stderr.write(`${line}\n`);
  };
  const runtime = shell.createRuntime({ threads: { min: 0, max: 1 }, logger: createScreenLogger(show) });
  try {
    const action = choosePlainAction(await loadActions(runtime, module, shell.cwd), textOption(options, 'action'), module);
    const taskOptions = { ...optionsOf(given), onProgress: details.show };
    // What fits the action is not known before it is loaded; its own schema checks the params.
    const ref = runtime.start(action, params as never, context, taskOptions);
    return await settle(ref, shell, details.stop);
  } finally {
    details.stop();
    await runtime.close();
  }
}

function optionsOf({ options }: Given): TaskOptions {
  const timeoutMs = numberOption(options, 'timeout');
  const maxRetries = numberOption(options, 'retries');
  return { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(maxRetries === undefined ? {} : { maxRetries }) };
}

async function settle(ref: AsyncRef, shell: Shell, endProgress: () => void): Promise<ExitCode> {
  let stoppedBy: Signal | undefined;
  const unwatch = shell.onSignal((signal) => {
    endProgress();
    if (stoppedBy !== undefined) return shell.exit(exitCodeOfSignal(signal));
    stoppedBy = signal;
    shell.stderr.write('cancelling; once more ends at once\n');
    // Its end is what the outcome below tells.
    void ref.cancel(`stopped by ${signal}`);
  });
  const outcome = await ref.outcome({ timeoutMs: Number.POSITIVE_INFINITY });
  unwatch();
  endProgress();
  const code = print(outcome, shell);
  return stoppedBy !== undefined && !outcome.ok ? exitCodeOfSignal(stoppedBy) : code;
}

function print(outcome: Outcome, shell: Shell): ExitCode {
  if (!outcome.ok) return printError(outcome.error, shell);
  try {
    shell.stdout.write(`${JSON.stringify(outcome.value, undefined, shell.stdout.isTTY === true ? 2 : 0) ?? 'null'}\n`);
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return printError(new HeddleError('execution_error', `The value cannot be written as JSON: ${reason}`), shell);
  }
}

function printError(error: HeddleError, shell: Shell): ExitCode {
  shell.stderr.write(`${errorText(shell.stderr, error)}\n`);
  return exitCodeOfError(error);
}
