import { HeddleError, isAgent } from '@heddle/core';
import type { AsyncRef, Runtime, RuntimeEvent, TaskOptions } from '@heddle/worker-pool';
import { dashboardOption, dashboardPort, serveBeside } from '../dashboard/beside.ts';
import { chooseDefinition, type Definition, loadDefinitions } from '../load-definitions.ts';
import { showDetails } from '../report/details.ts';
import { type ExitCode, exitCodeOfSignal, type Signal } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import { printError, printValue } from './print.ts';
import { runAgent } from './run-agent.ts';
import { runCoroutine, runStream } from './run-coroutine.ts';
import type { CommandSpec, Given } from './spec.ts';
import {
  countValue,
  durationValue,
  flagOption,
  isolationOption,
  isolationValue,
  jsonValue,
  numberOption,
  objectValue,
  textOption,
} from './value.ts';

/** `heddle run`: one task. */
export const runCommand: CommandSpec = {
  name: 'run',
  arguments: [['<module>', 'the file that exports the action (.js, .mjs, .ts, …)']],
  summary: 'run an action once and print its value',
  description: `Runs an action once, on a thread, and prints its value as JSON on stdout.
Progress and errors go to stderr.
A coroutine asks there, too: each value it yields is a question, and a line of stdin its answer.
An agent is started, and each line of stdin is a signal to it, until \`stop\` or the end of input.`,
  options: [
    { flags: '-p, --params <json>', description: 'what the action is given, of an agent its first state, as JSON (default: {})' },
    { flags: '-a, --action <name>', description: 'which action or agent, where the file has several' },
    { flags: '-c, --context <json>', description: "the action's ctx.context, a JSON object" },
    {
      flags: '-t, --timeout <duration>',
      description:
        'time for one attempt; of a coroutine from an answer to the next question, with --stream in all, of an agent for one signal: 500ms, 2s, 1m (default: 5s; --stream none)',
      parse: durationValue,
    },
    { flags: '-r, --retries <n>', description: 'how often to try again after a failure (default: 1)', parse: countValue },
    {
      flags: '--isolation <tier>',
      description: 'run it on a thread, in a process of its own, or inline, in the main thread (default: thread)',
      parse: isolationValue,
    },
    {
      flags: '--json',
      description: 'of a coroutine: print each step as a line of JSON, for a program that answers; of an agent: what happens',
    },
    { flags: '--stream', description: 'of a coroutine: ask nothing, and print each value it yields as a line of JSON' },
    dashboardOption,
  ],
  examples: [
    [`heddle run resize.ts --params '{"path":"a.jpg","width":320}'`, 'runs the one action of the file'],
    [`heddle run images.ts --action resize --params '{"path":"a.jpg"}' --timeout 1m`, 'chooses an action, and gives it a minute'],
    [`heddle run resize.ts -p '{"path":"a.jpg"}' | jq .bytes`, 'takes a field out of the value'],
    ['heddle run sign-up.ts', 'asks what the coroutine asks, at the terminal'],
    [`printf '%s\\n' Ada ada@example.com | heddle run sign-up.ts`, 'answers from a pipe, a line each'],
    [
      `printf '%s\\n' 'add {"item":"tea"}' '? count' | heddle run basket.ts`,
      'sends an agent a signal, then asks it, and prints its last state',
    ],
    ['heddle run search.ts --stream | head -3', 'takes the first values, and cancels the rest'],
  ],
  notes: `Answers: where the action has a \`resumeSchema\`, what it asks for, y or n for a boolean, each field of
an object in turn; else the value of the JSON it is, or the text itself where it is none. A wrong
answer is asked for again at a terminal, and ends the run where stdin is a pipe. There the fields of
an object may also come as one line of JSON. When stdin ends while it asks, the coroutine is
cancelled: exit code 2.

--json prints {"kind","seq","value","data"} for each question, and as the last line one with the
kind completed (value), thrown (error, fault) or cancelled (reason).

To an agent, a line of stdin is one of
  add {"item":"tea"}   sends the signal \`add\`; its data, JSON, may be left out
  ? count              calls it: waits, and prints the reply
  state                prints the state
  help                 lists the signals and their data
  stop                 handles what was sent, and ends; so does the end of input
Replies, states asked for and the last state are JSON on stdout; each new state goes to stderr. A
signal that is itself named state, help or stop is sent with data, or called. --json prints lines
instead with the kind state (state), reply (signal, ok, value or error), error (error, and signal
where a handler failed) and, as the last, ended (ok, state or error). A line that is wrong is told
and passed over; where stdin is a pipe the exit code is then 2. An agent that failed, or died of a
signal, ends with 1.

Ctrl-C asks the task to end, and ends its thread when it does not; a second one ends at once.
An agent it stops as \`stop\` does.
Exit code: 0 it went well · 1 it failed · 2 the command, the action, the params or an
answer is wrong · 3 the runtime failed · 130 Ctrl-C, 143 SIGTERM.`,
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
  const listeners = new Set<(event: RuntimeEvent) => void>();
  const onEvent = (event: RuntimeEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const lanes = { threads: { min: 0, max: 1 }, ...isolationOption(options) };
  const runtime = shell.createRuntime({ ...lanes, logger: createScreenLogger(show), onEvent });
  let endPage = async (): Promise<void> => {};
  try {
    endPage = await serveBeside(runtime, dashboardPort(options), shell);
    const chosen = chooseDefinition(await loadDefinitions(runtime, module, shell.cwd), textOption(options, 'action'), module);
    return await runChosen(runtime, chosen, { given, params, context, details, shell, listeners });
  } finally {
    details.stop();
    await runtime.close();
    await endPage();
  }
}

interface Request {
  readonly given: Given;
  readonly params: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly details: ReturnType<typeof showDetails>;
  readonly shell: Shell;
  /** Who hears of the runtime's events. */
  readonly listeners: Set<(event: RuntimeEvent) => void>;
}

async function runChosen(runtime: Runtime, action: Definition, request: Request): Promise<ExitCode> {
  const { given, params, context, details, shell, listeners } = request;
  const { timeoutMs, maxRetries } = optionsOf(given);
  const common = { ...(timeoutMs === undefined ? {} : { timeoutMs }), onProgress: details.show };
  const json = flagOption(given.options, 'json');
  const stream = flagOption(given.options, 'stream');
  if (isAgent(action)) {
    const flag = stream ? '--stream' : maxRetries === undefined ? undefined : '--retries';
    if (flag !== undefined) throw new HeddleError('invalid_input', `\`${flag}\` is not for agents, and \`${action.name}\` is one`);
    return await runAgent(runtime, action, { state: params, context, timeoutMs, json, endProgress: details.stop, listeners }, shell);
  }
  if (action.kind === 'coroutine') {
    if (json && stream) throw new HeddleError('invalid_input', 'Either `--json` or `--stream`: the lines of a stream are its values');
    if (maxRetries !== undefined)
      throw new HeddleError('invalid_input', `\`--retries\` is not for coroutines, and \`${action.name}\` is one`);
    const asked = { params, context, options: common, json, endProgress: details.stop };
    return await (stream ? runStream : runCoroutine)(runtime, action, asked, shell);
  }
  const flag = stream ? '--stream' : json ? '--json' : undefined;
  if (flag !== undefined)
    throw new HeddleError(
      'invalid_input',
      `\`${flag}\` is for coroutines${flag === '--json' ? ' and agents' : ''}, and \`${action.name}\` is none (its \`run\` is no generator)`,
    );
  const options = { ...common, ...(maxRetries === undefined ? {} : { maxRetries }) };
  // What fits the action is not known before it is loaded; its own schema checks the params.
  return await settle(runtime.start(action, params as never, context, options), shell, details.stop);
}

function optionsOf({ options }: Given): Pick<TaskOptions, 'timeoutMs' | 'maxRetries'> {
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
  const code = outcome.ok ? printValue(outcome.value, shell) : printError(outcome.error, shell);
  return stoppedBy !== undefined && !outcome.ok ? exitCodeOfSignal(stoppedBy) : code;
}
