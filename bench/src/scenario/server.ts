import { setTimeout as sleep } from 'node:timers/promises';
import { interleave, quantileOf, quantityOf, type Section, type Slices } from '@heddle/measure';
import { type Fired, fire } from '../server/fire.ts';
import type { ServerKind } from '../server/process.ts';
import { type BenchServer, startServer } from '../server/start.ts';
import { spinCostNs } from '../work/spin.ts';
import type { Scenario } from './scenario.ts';

const TASK_MS = 2;
const TIMEOUT_MS = 100;
const HEALTHY_PER_SECOND = 100;
const RISKY_PER_SECOND = 100;
/** One request in so many spins for ever. */
const ONE_IN = 100;
/** Asked for at the end, and accepted when SIGTERM comes. */
const ACCEPTED = 40;
const NAMES: { readonly [K in ServerKind]: string } = { piscina: 'piscina', heddle: 'heddle', tenants: 'heddle, tenants' };

/** A server that some requests make spin. */
export const server: Scenario = {
  name: 'server',
  summary: `A Fastify server in a process of its own, with a route where one request in ${ONE_IN} spins for ever: what requests of another route take, with those and without; what SIGTERM loses.`,
  async run(options, progress) {
    const seconds = options.quick ? 2 : 5;
    const iterations = Math.round((TASK_MS * 1e6) / spinCostNs());
    const kinds: readonly ServerKind[] = ['piscina', 'heddle', 'tenants'];
    const servers = new Map<ServerKind, BenchServer>();
    for (const kind of kinds) servers.set(kind, await startServer({ kind, threads: options.threads, iterations, timeoutMs: TIMEOUT_MS }));
    const take = async (kind: ServerKind, open: BenchServer): Promise<Times> => {
      const without = await load(open, seconds, false);
      progress(`${NAMES[kind]}: some spin`);
      return { without, beside: await load(open, seconds, true) };
    };
    // Hot on both sides.
    for (const [, open] of servers) await load(open, 1, false);
    const contenders = [...servers].map(([kind, open]) => ({ name: NAMES[kind], slice: () => take(kind, open) }));
    const slices = await interleave(contenders, options.rounds);
    const ends: string[] = [];
    for (const [kind, open] of servers) ends.push(`${NAMES[kind]} ${await terminate(open)}`);
    return {
      sections: [sectionOf(slices)],
      notes: [
        `${HEALTHY_PER_SECOND} requests a second for the healthy route and ${RISKY_PER_SECOND} for the other, each a task of ${TASK_MS} ms; tasks may take ${TIMEOUT_MS} ms. With \`heddle, tenants\` each route is a tenant and leaves one thread to the others (\`tenants: { concurrency: threads - 1 }\`).`,
        `Answers of the healthy route beside those that spin: ${[...slices].map(([name, rounds]) => `${name} ${countOf(rounds.flat(), 'healthy')}`).join('; ')}. Of the other: ${[...slices].map(([name, rounds]) => `${name} ${countOf(rounds.flat(), 'risky')}`).join('; ')}.`,
        `At SIGTERM, with ${ACCEPTED} requests accepted: ${ends.join('; ')}.`,
      ],
    };
  },
};

interface Times {
  readonly without: Loaded;
  readonly beside: Loaded;
}

interface Loaded {
  readonly healthy: Fired;
  readonly risky: Fired;
}

async function load({ url }: BenchServer, seconds: number, spins: boolean): Promise<Loaded> {
  const riskyAt = (index: number): string => (spins && index % ONE_IN === ONE_IN / 2 ? '/risky?forEver=1' : '/risky');
  const [healthy, others] = await Promise.all([
    fire({ url, pathAt: () => '/healthy', perSecond: HEALTHY_PER_SECOND, seconds }),
    fire({ url, pathAt: riskyAt, perSecond: RISKY_PER_SECOND, seconds }),
  ]);
  return { healthy, risky: others };
}

/** Has requests accepted, says SIGTERM, and counts the answers. */
async function terminate(open: BenchServer): Promise<string> {
  const before = await open.accepted();
  const asked = Array.from({ length: ACCEPTED }, () => fetch(`${open.url}/healthy?times=10`));
  const statusOf = async (answer: Promise<Response>): Promise<number> => {
    const response = await answer;
    await response.json();
    return response.status;
  };
  const answered = Promise.all(asked.map((answer) => statusOf(answer).catch(() => undefined)));
  while ((await open.accepted()) < before + ACCEPTED) await sleep(5);
  const how = await open.terminate();
  const all = await answered;
  const [lost, well] = [all.filter((status) => status === undefined).length, all.filter((status) => status === 200).length];
  return `${lost} lost, ${well} × 200, ended with ${how}`;
}

function sectionOf(slices: Slices<Times>): Section {
  const each = (read: (times: Times) => number): Map<string, number[]> =>
    new Map([...slices].map(([name, rounds]) => [name, rounds.map(([times]) => (times === undefined ? Number.NaN : read(times)))]));
  const p99 = ({ healthy }: Loaded): number => quantileOf(healthy.tookMs, 0.99);
  const p50 = ({ healthy }: Loaded): number => quantileOf(healthy.tookMs, 0.5);
  return {
    title: 'the healthy route',
    pictures: [{ kind: 'dots', quantities: ['p99 without', 'p99 beside'] }],
    quantities: [
      quantityOf({ name: 'p50 without', unit: 'ms', rounds: each(({ without }) => p50(without)) }),
      quantityOf({ name: 'p99 without', unit: 'ms', rounds: each(({ without }) => p99(without)) }),
      quantityOf({ name: 'p50 beside', unit: 'ms', rounds: each(({ beside }) => p50(beside)) }),
      quantityOf({ name: 'p99 beside', unit: 'ms', rounds: each(({ beside }) => p99(beside)) }),
      quantityOf({
        name: 'p99 beside ÷ without',
        unit: '×',
        rounds: each(({ without, beside }) => p99(beside) / p99(without)),
        targets: [{ contender: 'heddle, tenants', atMost: 1.5 }],
      }),
    ],
  };
}

/** The answers of a route by status, and requests that had none. */
function countOf(all: readonly Times[], route: keyof Loaded): string {
  const counts = new Map<string, number>();
  for (const { beside } of all) {
    const { answers, lost } = beside[route];
    for (const [what, count] of answers) {
      const status = what.split(' ').at(-1) ?? '';
      const key = what.includes('forEver') ? `${status} (spinning)` : status;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
    if (lost > 0) counts.set('lost', (counts.get('lost') ?? 0) + lost);
  }
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ');
}
