import { fail, HeddleError, type Outcome, ok } from '@heddle/core';
import type { Runtime } from '@heddle/worker-pool';
import { describe, expect, it } from 'vitest';
import type { ActionReport } from '../src/bench/report.ts';
import { main } from '../src/main.ts';
import type { ExitCode } from '../src/shell/exit-code.ts';
import { createFakeShell, type FakeShell } from './support/fake-shell.ts';
import { createFolder, type Folder } from './support/folder.ts';
import { fixture } from './support/process.ts';

interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  readonly shell: FakeShell;
  readonly folder: Folder;
  /** Calls that the fake threads got. */
  readonly calls: unknown[];
}

interface BenchParts {
  readonly files?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** How the nth call on a thread ends, from 1. */
  readonly answer?: (call: number, shell: FakeShell) => Outcome;
}

const QUICK = ['--quick', '--max-calls', '400'];

/** Runs the command here, with threads that answer at once and a clock that goes a hundredth of a millisecond at each look. */
async function bench(args: readonly string[], { files = {}, stdin, answer = () => ok(8) }: BenchParts = {}): Promise<Ran> {
  const folder = createFolder();
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  const calls: unknown[] = [];
  const run = (_action: unknown, params: unknown): Promise<Outcome> => {
    calls.push(params);
    return Promise.resolve(answer(calls.length, shell));
  };
  const runtime = { run } as unknown as Partial<Runtime>; // the part that is asked
  let nowMs = 0;
  const tick = (): number => {
    nowMs += 0.01;
    return nowMs;
  };
  const fake = createFakeShell({ cwd: folder.path, runtime, behaviour: () => ok(8), ...(stdin === undefined ? {} : { stdin }) });
  const shell: FakeShell = { ...fake, now: tick, cpuMs: tick };
  const code = await main(['bench', ...args], shell);
  return { code, out: shell.out(), err: shell.err(), shell, folder, calls };
}

const doubles = ['-a', 'doubles', '-p', '{"n":4}'];
const reportOf = ({ out }: Ran): ActionReport => JSON.parse(out) as ActionReport;

describe('heddle bench', () => {
  it('measures inline, each number of threads and map, and says what it comes to', async () => {
    const { code, out, err, shell } = await bench([fixture('bench.js'), ...doubles, ...QUICK, '--threads', '2,3,2']);
    expect([code, err]).toEqual([0, expect.stringMatching(/^`doubles` is run about \d+ times more \(\d+ so far\), in \d rounds?, which/)]);
    for (const name of ['inline', '1 thread', '2 threads', '3 threads', 'map, 3 threads']) expect(out).toContain(`| ${name} `);
    expect(out).toContain('█');
    expect(out).toMatch(/A call of `doubles` takes .* inline|Threads don't pay here/);
    expect(shell.requests.map(({ threads }) => threads)).toEqual([1, 2, 3].map((threads) => ({ min: threads, max: threads })));
  });

  it('makes no more calls than it may, and says how many it made', async () => {
    const ran = await bench([fixture('bench.js'), ...doubles, '--quick', '--max-calls', '100', '--json']);
    const { calls, rounds } = reportOf(ran);
    expect(calls).toBeLessThanOrEqual(100);
    expect(calls).toBeGreaterThan(20);
    expect(rounds).toBeGreaterThan(0);
    expect(ran.calls.length).toBeLessThan(calls);
  });

  it('prints all figures as JSON', async () => {
    const report = reportOf(await bench([fixture('bench.js'), ...doubles, ...QUICK, '--in-flight', '5', '--json']));
    expect(report).toMatchObject({
      action: 'doubles',
      params: '{"n":4}',
      base: 'inline',
      inFlight: 5,
      quick: true,
      end: 'done',
      failed: 0,
    });
    expect(report.throughput.rows.map(({ contender }) => contender)).toEqual(['inline', '1 thread', '2 threads', 'map, 2 threads']);
    expect(report.throughput.control).toMatchObject({ valid: expect.any(Boolean) as boolean });
    expect(report.gains.map(({ threads }) => threads)).toEqual([1, 2]);
    expect(report.gains[0]?.efficiency).toBe(1);
    expect(report.single.p99.rows.map(({ contender }) => contender)).toEqual(['inline', '1 thread', '2 threads']);
    expect(report.verdict.sentences.length).toBeGreaterThan(0);
  });

  it('draws params from the rows of a file in turns', async () => {
    const files = { 'rows.ndjson': '{"n":1}\n{"n":2}\n', 'rows.csv': 'n\n1\n2\n' };
    for (const input of Object.keys(files)) {
      const ran = await bench([fixture('bench.js'), '-a', 'doubles', '--input', input, ...QUICK, '--json'], { files });
      expect([ran.code, reportOf(ran).rows]).toEqual([0, 2]);
      expect(ran.calls.slice(0, 2)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(new Set(ran.calls.map((params) => JSON.stringify(params)))).toEqual(new Set(['{"n":1}', '{"n":2}']));
    }
  });

  it('reads rows from stdin', async () => {
    const ran = await bench([fixture('bench.js'), '-a', 'doubles', '--input', '-', ...QUICK], { stdin: '{"n":1}\n{"n":2}\n{"n":3}\n' });
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('3 rows in turns')]);
  });

  it('counts the calls that fail, tells the first, and ends with 1', async () => {
    const answer = (call: number): Outcome => (call % 3 === 0 ? fail(new HeddleError('execution_error', `call ${call} broke`)) : ok(8));
    const ran = await bench([fixture('bench.js'), ...doubles, ...QUICK], { answer });
    expect([ran.code, ran.out]).toEqual([1, expect.stringMatching(/\d+ calls failed; the first: call \d+ broke/)]);
  });

  it.each([
    ['execution_error', 1],
    ['validation_error', 2],
    ['worker_lost', 3],
  ] as const)('measures nothing where the first calls all fail: %s ends with %d', async (type, code) => {
    const ran = await bench([fixture('bench.js'), ...doubles, ...QUICK], { answer: () => fail(new HeddleError(type, 'no way')) });
    expect([ran.code, ran.out, ran.calls.length]).toEqual([code, '', 1]);
    expect(ran.err).toContain('the first call of `doubles` failed, so there is nothing to measure:\nerror: no way');
  });

  it('holds threads against one thread where the action does not run inline', async () => {
    const ran = await bench([fixture('bench.js'), '-a', 'spawns', ...QUICK, '--json']);
    expect(reportOf(ran)).toMatchObject({ base: '1 thread', verdict: { kind: 'threads-only' }, costs: { inlineMs: null } });
    expect(reportOf(ran).notes).toEqual([
      expect.stringMatching(/^Inline was left out, since `spawns` fails on the main thread: `ctx.spawn`/),
    ]);
  });

  it('says that an action changes its params', async () => {
    const ran = await bench([fixture('bench.js'), '-a', 'empties', '-p', '{"list":[1]}', ...QUICK]);
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('`empties` changes the params it is given')]);
  });

  it('writes a page beside what it prints', async () => {
    const ran = await bench([fixture('bench.js'), ...doubles, ...QUICK, '--report', 'out.html']);
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining('| inline ')]);
    expect(ran.err).toContain(`the report is in ${ran.folder.at('out.html')}`);
    expect(ran.folder.read('out.html')).toMatch(/^<!doctype html>[\s\S]*<svg [\s\S]*<\/html>\n$/);
  });

  it('Ctrl-C ends it with the rounds that are whole, and 130', async () => {
    const answer = (call: number, shell: FakeShell): Outcome => {
      if (call === 300) shell.signal('SIGINT');
      return ok(8);
    };
    const ran = await bench([fixture('bench.js'), ...doubles, '--quick', '--rounds', '20', '--max-calls', '1000', '--json'], { answer });
    const { end, rounds } = reportOf(ran);
    expect([ran.code, end]).toEqual([130, 'signal']);
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(20);
    expect(ran.err).toContain('stopping; once more ends at once');
  });

  it('Ctrl-C before a round is through shows nothing, and ends with 130', async () => {
    const answer = (call: number, shell: FakeShell): Outcome => {
      if (call === 5) shell.signal('SIGINT');
      return ok(8);
    };
    const { code, out, err } = await bench([fixture('bench.js'), ...doubles, ...QUICK], { answer });
    expect([code, out, err]).toEqual([130, '', expect.stringContaining('stopped before a round was through')]);
  });
});

describe('what is wrong with a bench', () => {
  it.each([
    [['-a', 'counts'], '`counts` is a coroutine (its `run` is a generator): only actions that run to their end can be measured'],
    [['-a', 'nope'], 'has no action `nope`: it has `'],
    [[], 'has 8 actions: say which by name'],
    [[...doubles, '--input', 'x'], 'Either `--params` or `--input`'],
    [['-a', 'doubles', '-p', '{n:1}'], '`--params` expected JSON'],
    [['-a', 'doubles', '--input', 'none.ndjson'], '`none.ndjson`'],
    [['-a', 'doubles', '--input', 'empty.ndjson'], 'has no rows'],
    [['-a', 'doubles', '--input', 'bad.ndjson'], '2 of 3 rows of `'],
    [['-a', 'doubles', '--input', 'bad.ndjson'], 'line 2: `/n` expected number, got "x"; line 3: expected a JSON object'],
    [[...doubles, '--report', 'nowhere/out.html'], 'nowhere/out.html` cannot be opened: there is no such file or folder'],
    [[...doubles, '--max-calls', '5'], '`--max-calls 5` is too few'],
    [[...doubles, '--threads', '1,x'], 'expected whole numbers, 1 or more, as in 1,2,4'],
    [[...doubles, '--threads', '0'], 'expected whole numbers, 1 or more, as in 1,2,4'],
    [[...doubles, '--rounds', '0'], 'expected a whole number, 1 or more'],
  ])('%j is told, with 2', async (args, message) => {
    const files = { 'empty.ndjson': '\n', 'bad.ndjson': '{"n":1}\n{"n":"x"}\nn\n' };
    const { code, out, err } = await bench([fixture('bench.js'), ...args], { files });
    expect([code, out]).toEqual([2, '']);
    expect(err.replaceAll(/`\S*\/(none\.ndjson)/g, '`$1')).toContain(message);
  });

  it('is an agent', async () => {
    const { code, err } = await bench([fixture('basket.js'), '-a', 'basket']);
    expect([code, err]).toEqual([2, expect.stringContaining('`basket` is an agent: only actions that run to their end can be measured')]);
  });
});
