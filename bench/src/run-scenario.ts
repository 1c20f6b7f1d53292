import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ScenarioReport } from '@heddle/measure';
import type { BenchOptions } from './options.ts';
import type { Progress, Scenario } from './scenario/scenario.ts';
import type { ScenarioMessage } from './scenario-process.ts';

const ENTRY = fileURLToPath(new URL('./scenario-process.js', import.meta.url));

/** Runs a scenario in a process of its own, on one core where it wants that and the machine can. */
export function runScenario({ name, pinned = false }: Scenario, options: BenchOptions, progress: Progress): Promise<ScenarioReport> {
  const pin = pinned && canPin();
  const notes = pinned && !pin ? ['There is no `taskset` here: the process was not kept on one core.'] : [];
  const node = [process.execPath, '--expose-gc', ENTRY, name, JSON.stringify(options), JSON.stringify(notes)];
  const [program = process.execPath, ...args] = pin ? ['taskset', '-c', '0', ...node] : node;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let report: ScenarioReport | undefined;
    child.on('message', (message) => {
      const told = message as ScenarioMessage; // the only kind that process sends
      if (told.kind === 'progress') progress(told.text);
      else report = told.report;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && report !== undefined) resolve(report);
      else reject(new Error(`Scenario ${name} ended with ${signal ?? `exit code ${code}`}${report === undefined ? ' and no report' : ''}`));
    });
  });
}

function canPin(): boolean {
  return spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;
}
