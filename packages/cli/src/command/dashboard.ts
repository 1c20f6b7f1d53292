import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Runtime } from '@heddle/worker-pool';
import { serveDashboard } from '../dashboard/serve.ts';
import { loadDefinitions } from '../load-definitions.ts';
import type { ExitCode } from '../shell/exit-code.ts';
import { createScreenLogger } from '../shell/logger.ts';
import type { Shell } from '../shell/shell.ts';
import { findActionFiles } from './action-files.ts';
import { watchInterrupts } from './interrupt.ts';
import type { CommandSpec, Given } from './spec.ts';
import { durationValue, flagOption, isolationOption, isolationValue, numberOption, portValue, positiveValue, textOption } from './value.ts';

/** `heddle dashboard`: a live page about a runtime, from which actions are started. */
export const dashboardCommand: CommandSpec = {
  name: 'dashboard',
  arguments: [['<modules...>', 'files that export actions, or folders of them']],
  summary: 'start actions from a live page, and watch them run',
  description: `Loads actions, and serves a page where they are started, watched, cancelled and answered: lanes and
what each runs, a time line, throughput, latencies, failures, and every task with its attempts,
steps, logs and children.
The address is printed on stdout. It answers this machine alone, unless --host says otherwise:
then a token is needed, which is part of the address that is printed.`,
  options: [
    { flags: '--port <n>', description: 'where it listens; 0 = any that is free (default: 4680)', parse: portValue },
    { flags: '--host <address>', description: 'the address it listens on, 0.0.0.0 = all of this machine (default: 127.0.0.1)' },
    {
      flags: '--token <text>',
      description: 'what a visitor has to know, 16 characters or more (default: none here, a random one with --host)',
    },
    { flags: '--read-only', description: 'nothing is started, cancelled or answered from the page' },
    { flags: '--threads <n>', description: 'threads at the most (default: as many as cores)', parse: positiveValue },
    {
      flags: '--isolation <tier>',
      description: 'run actions on threads, in processes of their own, or inline, in the main thread (default: thread)',
      parse: isolationValue,
    },
    { flags: '-t, --timeout <duration>', description: 'time for one attempt: 500ms, 2s, 1m (default: 5s)', parse: durationValue },
  ],
  examples: [
    ['heddle dashboard src/actions', 'every action of a folder, on http://127.0.0.1:4680/'],
    ['heddle dashboard images.ts mail.ts --threads 4 --timeout 1m', 'two files, four threads, a minute for each attempt'],
    ['heddle dashboard images.ts --host 0.0.0.0', 'for others on the network: they need the address with its token'],
  ],
  notes: `Beside a program of yours the page comes from \`createDashboard\` of @heddle/dashboard, or from the
\`dashboard\` plugin of @heddle/fastify; beside \`heddle run\` and \`heddle batch\` from --dashboard.
Records of \`ctx.log\` from debug on are on the page of their task, warnings here as well.

Ctrl-C takes nothing new and waits for what runs; a second one ends at once.
Exit code: 2 the command or an action is wrong · 3 the runtime failed · 130 Ctrl-C, 143 SIGTERM.`,
  run: serve,
};

async function serve({ arguments: modules, options }: Given, shell: Shell): Promise<ExitCode> {
  const timeoutMs = numberOption(options, 'timeout');
  const max = numberOption(options, 'threads');
  const logger = { ...createScreenLogger((line) => shell.stderr.write(`${line}\n`)), level: 'debug' };
  const runtime = shell.createRuntime({
    threads: { min: 1, ...(max === undefined ? {} : { max }) },
    ...isolationOption(options),
    ...(timeoutMs === undefined ? {} : { defaults: { timeoutMs } }),
    logger,
  });
  let stop: () => void = () => {};
  const stopped = new Promise<void>((settle) => {
    stop = settle;
  });
  const signals = watchInterrupts(shell, () => {}, stop, 'stopping');
  try {
    for (const module of modules) await loadModule(runtime, module ?? '', shell);
    const host = textOption(options, 'host');
    const token = textOption(options, 'token');
    const page = await serveDashboard(runtime, {
      port: numberOption(options, 'port'),
      ...(host === undefined ? {} : { host }),
      ...(token === undefined ? {} : { token }),
      readOnly: flagOption(options, 'readOnly'),
      start: true,
    });
    shell.stdout.write(`${page.url}\n`);
    await stopped;
    await runtime.close({ graceMs: Number.POSITIVE_INFINITY });
    await page.close();
    return signals.exitCode() ?? 0;
  } finally {
    signals.unwatch();
    await runtime.close();
  }
}

/** A file, or the files of a folder that define actions. */
async function loadModule(runtime: Runtime, module: string, shell: Shell): Promise<void> {
  const path = resolve(shell.cwd, module);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  for (const file of isFolder ? await findActionFiles(path) : [module]) await loadDefinitions(runtime, file, shell.cwd);
}
