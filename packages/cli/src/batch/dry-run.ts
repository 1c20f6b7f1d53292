import { type Action, type HeddleError, isOutcome } from '@heddle/core';
import { isRecord, kindOf, validationError } from '@heddle/core/engine';
import { createValidator } from '@heddle/core/validation';
import { openInput } from '../input/open-input.ts';
import { badRow, type RawRow } from '../input/row.ts';
import { createTrail } from '../input/trail.ts';
import { choosePlainAction, loadDefinitions } from '../load-definitions.ts';
import { formatCount } from '../report/duration.ts';
import { type FailedRow, shortMessage, Tally } from '../report/tally.ts';
import { paint } from '../shell/color.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import type { BatchOptions } from './options.ts';
import { createReader } from './reader.ts';

const SHOWN = 20;

/** `heddle batch --dry-run`: every row is read and checked by the action's schema, here on the main thread; nothing runs, nothing is written. */
export async function dryRun(options: BatchOptions, shell: Shell): Promise<ExitCode> {
  const input = openInput(options.input, shell);
  const action = await loadAlone(options, shell);
  const check = createCheck(action);
  const tally = new Tally();
  const reader = createReader(options, action);
  const trail = createTrail(options.input, []);
  let index = 0;
  rows: for await (const batch of reader.batches(input.chunks(trail))) {
    for (const raw of batch) {
      if (index >= options.limit) break rows;
      const error = check(raw, reader.decode(raw));
      const row = { index, line: raw.line, id: null, raw: undefined };
      tally.add(row, error, undefined);
      if (error !== undefined && tally.failed <= SHOWN) shell.stderr.write(`line ${raw.line}: ${shortMessage(error)}\n`);
      index += 1;
    }
  }
  input.stop();
  return report(options, action, tally, shell);
}

/** The action, from a runtime that opens no thread. */
async function loadAlone(options: BatchOptions, shell: Shell): Promise<Action<never, unknown>> {
  const logger = createScreenLogger((line) => shell.stderr.write(`${line}\n`));
  const runtime = shell.createRuntime({ threads: { min: 0, max: 1 }, logger });
  try {
    return choosePlainAction(await loadDefinitions(runtime, options.module, shell.cwd), options.action, options.module);
  } finally {
    await runtime.close();
  }
}

type Check = (raw: RawRow, params: unknown) => HeddleError | undefined;

/** How rows of an action are checked, one by one. */
export function createCheck(action: Action<never, unknown>): Check {
  const isReshaped = action.hooks.onBeforeValidateParams !== undefined;
  const validator = action.schema === undefined || isReshaped ? undefined : createValidator(action.schema);
  return (raw, params) => {
    if (isOutcome(params)) return params.ok ? undefined : params.error;
    if (validator === undefined) return isRecord(params) ? undefined : badRow(raw.line, `expected an object, got ${kindOf(params)}`).error;
    const checked = validator.validate(params);
    return checked.ok ? undefined : validationError(action.name, 'params', checked.faults);
  };
}

function report(options: BatchOptions, action: Action<never, unknown>, tally: Tally, shell: Shell): ExitCode {
  const { ok, failed, types, firstFailures } = tally;
  const exitCode: ExitCode = failed === 0 ? 0 : 2;
  if (options.json) {
    const faults: readonly FailedRow[] = firstFailures;
    shell.stdout.write(
      `${JSON.stringify({ dryRun: true, action: action.name, rows: ok + failed, ok, failed, failures: types, firstFailures: faults, exitCode })}\n`,
    );
    return exitCode;
  }
  if (failed > SHOWN) shell.stderr.write(`… and ${formatCount(failed - SHOWN)} more\n`);
  const verdict =
    failed === 0 ? paint(shell.stderr, 'good', 'all as the action wants them') : paint(shell.stderr, 'bad', `${formatCount(failed)} not`);
  shell.stderr.write(`${formatCount(ok + failed)} rows checked: ${verdict}; nothing was run\n`);
  if (action.hooks.onBeforeValidateParams !== undefined) {
    shell.stderr.write(
      `\`${action.name}\` reshapes its params before they are checked (\`onBeforeValidateParams\`): only the form of the rows was looked at\n`,
    );
  }
  return exitCode;
}
