import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bestOf, judgeRatios, type Ratios, ratiosMarkdown } from './ratios/margins.ts';
import type { RatioPart } from './ratios/measure-ratios.ts';

const ENTRY = fileURLToPath(new URL('./ratios-process.js', import.meta.url));
const TRIES = 3;

process.exitCode = await main();

/** Tries until everything holds: what a busy machine has spoilt once is measured again before it counts. */
async function main(): Promise<number> {
  const begun = performance.now();
  const tries: Ratios[] = [];
  let wanted: readonly RatioPart[] = ['time', 'cpu'];
  while (tries.length < TRIES && wanted.length > 0) {
    let ratios: Ratios = {};
    for (const part of wanted) ratios = { ...ratios, ...(await runPart(part)) };
    tries.push(ratios);
    const failed = judgeRatios(bestOf(tries)).filter(({ held }) => !held);
    wanted = (['time', 'cpu'] as const).filter((part) => failed.some(({ name }) => (part === 'cpu') === name.startsWith('cpu')));
    if (failed.length > 0 && tries.length < TRIES)
      process.stdout.write(
        `try ${tries.length} of ${TRIES}: not held: ${failed.map(({ what, measured }) => `${what} (${measured})`).join(', ')}; once more\n`,
      );
  }
  const judged = judgeRatios(bestOf(tries));
  const held = judged.every((each) => each.held);
  const took = `${Math.round((performance.now() - begun) / 1000)} s, ${tries.length} ${tries.length === 1 ? 'try' : 'tries'}`;
  process.stdout.write(`${ratiosMarkdown(judged)}\n\n${held ? 'all held' : 'not all held'} (${took})\n`);
  return held ? 0 : 1;
}

/** Measures one part in a process of its own. One that ends without a word has measured nothing. */
function runPart(part: RatioPart): Promise<Ratios> {
  const pin = part === 'cpu' && spawnSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' }).status === 0;
  const node = [process.execPath, '--expose-gc', ENTRY, part];
  const [program = process.execPath, ...args] = pin ? ['taskset', '-c', '0', ...node] : node;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let ratios: Ratios = {};
    child.on('message', (message) => {
      ratios = message as Ratios; // the only kind that process sends
    });
    child.on('error', reject);
    child.on('close', () => resolve(ratios));
  });
}
