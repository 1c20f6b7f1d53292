import { type Outcome, unwrap } from '@heddle/core';
import { interleave, quantileOf, quantityOf, type Section, type Slices } from '@heddle/measure';
import { createRuntime, type TenantsOptions } from '@heddle/worker-pool';
import { Piscina } from 'piscina';
import { paced } from '../measure/paced.ts';
import type { Spin } from '../work/spin.ts';
import { spinCostNs } from '../work/spin.ts';
import { spinAction } from '../work/spin-action.ts';
import { spinWork } from '../work/spin-work.ts';
import type { Progress, Scenario } from './scenario.ts';

const LANES = 2;
const TASK_MS = 2;
const OTHERS = ['acme', 'globex', 'initech', 'umbrella'];
/** Each of the others starts a task so often: half of its share of the lanes. */
const EVERY_MS = 10;
/** A hundred times its share, a millisecond: the lanes' time by as many tenants as there are. */
const FLOOD_A_MS = (100 * LANES) / TASK_MS / (OTHERS.length + 1);

/** One tenant floods the rest. */
export const tenants: Scenario = {
  name: 'tenants',
  summary: `${OTHERS.length} tenants with tasks of ${TASK_MS} ms on ${LANES} threads, alone and beside one that sends a hundred times its share: what the others wait.`,
  async run(options, progress) {
    const spanMs = options.quick ? 250 : 500;
    const work = spinWork(Math.round((TASK_MS * 1e6) / spinCostNs()));
    const open = await openAll(work.paramsAt(3));
    for (const { call } of open) await others(call, spanMs);
    const contenders = open.map(({ name, call }) => ({ name, slice: () => take(name, call, spanMs, progress) }));
    const slices = await interleave(contenders, options.rounds);
    for (const { close } of open) await close();
    return {
      sections: [sectionOf(slices)],
      notes: [
        `The flood starts ${FLOOD_A_MS} tasks each millisecond for ${spanMs} ms, and each of the others one every ${EVERY_MS} ms. Latency is measured from when a task was due, so a main thread that is busy with the flood counts.`,
        `\`heddle, tenants\` is a runtime with \`tenants: { concurrency: ${LANES - 1}, queueLimit: 100 }\`: each tenant leaves a lane to the others. \`heddle, fair share\` has \`tenants: {}\`. \`heddle\` has no tenants.`,
        servedNote(slices),
      ],
    };
  },
};

type Call = (tenant: string) => Promise<Outcome>;

interface Contender {
  readonly name: string;
  readonly call: Call;
  close(): Promise<void>;
}

interface Times {
  readonly aloneMs: readonly number[];
  readonly besideMs: readonly number[];
  /** Of the flood. */
  readonly served: number;
  readonly refused: number;
}

async function openAll(params: Spin): Promise<Contender[]> {
  const work = spinWork(params.iterations);
  const pool = new Piscina<Spin, number>({ filename: work.file, name: work.name, minThreads: LANES, maxThreads: LANES });
  const piscina: Contender = {
    name: 'piscina',
    call: async () => ({ ok: true, value: await pool.run(params) }),
    close: () => pool.destroy(),
  };
  const limits = { concurrency: LANES - 1, queueLimit: 100 };
  const runtimes = await Promise.all([
    openRuntime('heddle', params),
    openRuntime('heddle, fair share', params, {}),
    openRuntime('heddle, tenants', params, limits),
  ]);
  return [piscina, ...runtimes];
}

async function openRuntime(name: string, params: Spin, tenants?: TenantsOptions): Promise<Contender> {
  const runtime = createRuntime({ threads: { min: LANES, max: LANES }, ...(tenants === undefined ? {} : { tenants }) });
  await runtime.ready(LANES);
  const call: Call =
    tenants === undefined ? () => runtime.run(spinAction, params) : (tenant) => runtime.run(spinAction, params, {}, { tenant });
  return { name, call, close: () => runtime.close() };
}

async function take(name: string, call: Call, spanMs: number, progress: Progress): Promise<Times> {
  const aloneMs = await others(call, spanMs);
  progress(`${name}: the flood`);
  const counts = { served: 0, refused: 0 };
  const flood: Promise<void>[] = [];
  const started = paced(FLOOD_A_MS, FLOOD_A_MS * spanMs, () => {
    flood.push(call('flood').then(({ ok }) => void counts[ok ? 'served' : 'refused']++));
  });
  const besideMs = await others(call, spanMs);
  await started;
  await Promise.all(flood);
  return { aloneMs, besideMs, ...counts };
}

/** What each task of the others took, from when it was due. */
async function others(call: Call, spanMs: number): Promise<number[]> {
  const took: number[] = [];
  const calls: Promise<void>[] = [];
  await paced(OTHERS.length / EVERY_MS, (OTHERS.length * spanMs) / EVERY_MS, (index, dueMs) => {
    const tenant = OTHERS[index % OTHERS.length] ?? 'acme';
    calls.push(
      call(tenant).then((outcome) => {
        unwrap(outcome);
        took.push(performance.now() - dueMs);
      }),
    );
  });
  await Promise.all(calls);
  return took;
}

function sectionOf(slices: Slices<Times>): Section {
  const each = (read: (times: Times) => number): Map<string, number[]> =>
    new Map([...slices].map(([name, rounds]) => [name, rounds.map(([times]) => (times === undefined ? Number.NaN : read(times)))]));
  const p = (quantile: number, times: readonly number[]): number => quantileOf(times, quantile);
  return {
    title: 'the others, beside a flood',
    pictures: [{ kind: 'dots', quantities: ['p50 beside', 'p99 beside'] }],
    quantities: [
      quantityOf({ name: 'p50 alone', unit: 'ms', rounds: each(({ aloneMs }) => p(0.5, aloneMs)) }),
      quantityOf({ name: 'p99 alone', unit: 'ms', rounds: each(({ aloneMs }) => p(0.99, aloneMs)) }),
      quantityOf({ name: 'p50 beside', unit: 'ms', rounds: each(({ besideMs }) => p(0.5, besideMs)), base: 'piscina' }),
      quantityOf({ name: 'p99 beside', unit: 'ms', rounds: each(({ besideMs }) => p(0.99, besideMs)), base: 'piscina' }),
      quantityOf({ name: 'p50 beside ÷ alone', unit: '×', rounds: each(({ aloneMs, besideMs }) => p(0.5, besideMs) / p(0.5, aloneMs)) }),
      quantityOf({
        name: 'p99 beside ÷ alone',
        unit: '×',
        rounds: each(({ aloneMs, besideMs }) => p(0.99, besideMs) / p(0.99, aloneMs)),
        targets: [{ contender: 'heddle, tenants', atMost: 2 }],
      }),
    ],
  };
}

function servedNote(slices: Slices<Times>): string {
  const counts = [...slices].map(([name, rounds]) => {
    const sum = (read: (times: Times) => number): number => rounds.flat().reduce((all, times) => all + read(times), 0);
    return `${name} ${sum(({ served }) => served)} served, ${sum(({ refused }) => refused)} refused`;
  });
  return `Of the flood: ${counts.join('; ')}. The others were all served.`;
}
