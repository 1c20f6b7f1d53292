import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Contender, quantileOf, quantityOf, type Section, takeTurns } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import type { FirstResult } from '../start-up/process.ts';
import type { Scenario } from './scenario.ts';

const ENTRY = fileURLToPath(new URL('../start-up/process.js', import.meta.url));
const BASE = 'piscina';
const AGAIN = 'piscina again';
const CHECKED = 'piscina, checked by hand';
const PLAIN = 'heddle, no schema';
const READY = 'heddle, after `ready()`';

/** By contender: what the process is told to do. */
const PROCESSES: ReadonlyMap<string, string> = new Map([
  [BASE, 'piscina'],
  [AGAIN, 'piscina'],
  [CHECKED, 'piscinaChecked'],
  [PLAIN, 'heddle'],
  ['heddle', 'heddleChecked'],
  ['heddle, `.ts`', 'heddleTyped'],
  [READY, 'heddleReady'],
]);

/** Fresh processes. */
export const startUp: Scenario = {
  name: 'start-up',
  summary: 'A fresh process with one thread until its first result: imports, the start of the thread, one call. Processes in turns.',
  async run(options, progress) {
    const wall = new Map<string, number[]>();
    const cpu = new Map<string, number[]>();
    // What is written once, a cache of transpiled files for one, is there when it counts.
    for (const task of PROCESSES.values()) await start(task);
    for (let round = 0; round < options.rounds; round++) {
      progress(`round ${round + 1} of ${options.rounds}`);
      const slices = await takeTurns(contenders(), options.quick ? 3 : 11, round);
      for (const [name, results] of slices) {
        note(
          wall,
          name,
          quantileOf(
            results.map(({ firstMs }) => firstMs),
            0.5,
          ),
        );
        note(
          cpu,
          name,
          quantileOf(
            results.map(({ cpuMs }) => cpuMs),
            0.5,
          ),
        );
      }
    }
    return { sections: [sectionOf(wall, cpu, options)] };
  },
};

function contenders(): Contender<FirstResult>[] {
  return [...PROCESSES].map(([name, task]) => ({ name, slice: () => start(task) }));
}

async function start(task: string): Promise<FirstResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, task]);
  return JSON.parse(stdout) as FirstResult; // written by that process
}

function sectionOf(wall: ReadonlyMap<string, number[]>, cpu: ReadonlyMap<string, number[]>, { quick }: BenchOptions): Section {
  const fresh = new Map([...wall].filter(([name]) => name !== READY));
  const ready = new Map([...wall].filter(([name]) => name === READY));
  const targets = [
    { contender: PLAIN, against: BASE, atMost: 1.25 },
    { contender: 'heddle', against: CHECKED, atMost: 1.25 },
  ];
  return {
    title: `first result of a fresh process, one thread${quick ? ', few processes' : ''}`,
    quantities: [
      quantityOf({ name: 'from its start', unit: 'ms', base: BASE, again: AGAIN, rounds: fresh, targets }),
      quantityOf({
        name: 'CPU until then',
        unit: 'ms',
        base: BASE,
        again: AGAIN,
        rounds: new Map([...cpu].filter(([name]) => name !== READY)),
      }),
      quantityOf({ name: 'the first call alone', unit: 'ms', rounds: ready }),
    ],
  };
}

function note(results: Map<string, number[]>, name: string, value: number): void {
  const list = results.get(name);
  if (list === undefined) results.set(name, [value]);
  else list.push(value);
}
