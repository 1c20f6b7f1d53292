import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quantityOf } from '@heddle/measure';
import type { BenchOptions } from '../options.ts';
import { fieldOf } from './line-up.ts';
import type { MemoryOrder, MemoryReading } from './memory-process.ts';
import type { Scenario } from './scenario.ts';

const ENTRY = fileURLToPath(new URL('./memory-process.js', import.meta.url));

/** What each peer takes, in a process of its own. */
export const memory: Scenario = {
  name: 'memory',
  summary:
    'Each peer in a process of its own: resident memory with its threads up, the peak and the heap of the main thread after calls with a 200 B object, 256 at a time. `nobody` is a process with no peer.',
  async run(options, progress) {
    const { peers, notes } = fieldOf(options, ['calls']);
    const names = [NOBODY, ...peers.map(({ name }) => name)];
    const readings = new Map(names.map((name) => [name, [] as MemoryReading[]]));
    for (let round = 0; round < options.rounds; round++) {
      progress(`round ${round + 1} of ${options.rounds}`);
      for (const name of names) readings.get(name)?.push(await readMemory(name, options));
    }
    const each = (read: (reading: MemoryReading) => number): Map<string, number[]> =>
      new Map([...readings].map(([name, list]) => [name, list.map((reading) => read(reading) / 1e6)]));
    const common = { unit: 'MB', base: NOBODY };
    return {
      sections: [
        {
          title: `${options.threads} threads and ${callsOf(options)} calls`,
          notes,
          pictures: [{ kind: 'bars', quantity: 'peak RSS' }],
          quantities: [
            quantityOf({ ...common, name: 'RSS, threads up', rounds: each(({ openBytes }) => openBytes) }),
            quantityOf({ ...common, name: 'peak RSS', rounds: each(({ peakBytes }) => peakBytes) }),
            quantityOf({ name: 'main heap after', unit: 'MB', rounds: each(({ heapBytes }) => heapBytes) }),
          ],
        },
      ],
      notes: [`All these processes have loaded the packages of all peers, \`${NOBODY}\` too: they differ by threads and calls alone.`],
    };
  },
};

/** The name of the process that opens no peer. */
const NOBODY = 'nobody';

function callsOf({ quick }: BenchOptions): number {
  return quick ? 2000 : 50_000;
}

function readMemory(peer: string, options: BenchOptions): Promise<MemoryReading> {
  const order: MemoryOrder = { peer, threads: options.threads, calls: callsOf(options) };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--expose-gc', ENTRY, JSON.stringify(order)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let reading: MemoryReading | undefined;
    child.on('message', (message) => {
      reading = message as MemoryReading; // the only kind that process sends
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (reading === undefined) reject(new Error(`The process of ${peer} ended with ${signal ?? `exit code ${code}`} and no reading`));
      else resolve(reading);
    });
  });
}
