import { fail, HeddleError, ok } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { failsOn, runMain } from './support/fake-shell.ts';
import { createFolder, type Folder, numbers, parseRows } from './support/folder.ts';
import { fixture } from './support/process.ts';

const DOUBLE = fixture('double.js');

function folderWith(input: string, name = 'in.ndjson'): Folder {
  const folder = createFolder();
  folder.write(name, input);
  return folder;
}

describe('heddle batch', () => {
  it('writes a line a row: index, id, ok, value, ms, attempts', async () => {
    const folder = folderWith('{"id":"a","n":1}\n\n{"n":2}\n');
    const { code, out } = await runMain(['batch', DOUBLE, 'in.ndjson'], { cwd: folder.path });
    expect([code, out]).toEqual([
      0,
      '{"index":0,"id":"a","ok":true,"value":2,"ms":1,"attempts":1}\n{"index":1,"id":null,"ok":true,"value":4,"ms":1,"attempts":1}\n',
    ]);
  });

  it('names a row by another field', async () => {
    const { out } = await runMain(['batch', DOUBLE, '--id-field', 'sku'], { cwd: '/', stdin: '{"sku":[7],"n":1}\n' });
    expect(parseRows(out)[0]?.id).toEqual([7]);
  });

  it('counts a row that is no JSON as failed, by its line, and runs the others', async () => {
    const { code, out, err } = await runMain(['batch', DOUBLE], { cwd: '/', stdin: '{"n":1}\n{"n":\n{"n":3}\n' });
    expect(code).toBe(1);
    expect(parseRows(out).map(({ ok: isOk, line }) => [isOk, line])).toEqual([
      [true, undefined],
      [false, 2],
      [true, undefined],
    ]);
    expect(err).toContain('1 failed (1 invalid_input)');
    expect(err).toContain('line 2: expected a JSON object');
  });

  it('stops at the first failure with --fail-fast, after n with --max-errors; what is under way is written', async () => {
    const folder = folderWith(numbers(100));
    const behaviour = failsOn([3, 5, 6]);
    const fast = await runMain(['batch', DOUBLE, 'in.ndjson', '--fail-fast'], { cwd: folder.path, behaviour });
    expect([fast.code, parseRows(fast.out).length]).toEqual([1, 4]);
    expect(fast.err).toContain('stopped: too many rows failed');
    const max = await runMain(['batch', DOUBLE, 'in.ndjson', '--max-errors', '2'], { cwd: folder.path, behaviour });
    expect([max.code, parseRows(max.out).length]).toEqual([1, 6]);
  });

  it('writes a value that is no JSON as a failure, and a value that is not there as null', async () => {
    const values: unknown[] = [1n, undefined, { a: 1 }];
    const { out } = await runMain(['batch', DOUBLE], { cwd: '/', stdin: numbers(3), behaviour: ({ n }) => ok(values[n]) });
    const [bigint, nothing, object] = parseRows(out);
    expect(bigint?.error?.message).toContain('cannot be written as JSON');
    expect([nothing?.value, object?.value]).toEqual([null, { a: 1 }]);
  });

  it('gives limits, order, context and pace on to the runtime', async () => {
    const args = ['--keep-order', '--context', '{"a":1}', '--timeout', '2s', '--retries', '3', '--threads', '3', '--concurrency', '8'];
    const { shell, out } = await runMain(['batch', DOUBLE, ...args, '--limit', '2'], { cwd: '/', stdin: numbers(5) });
    expect(shell.mapOptions).toEqual([
      { ordered: true, context: { a: 1 }, timeoutMs: 2000, maxRetries: 3, concurrency: 8, drainSignal: expect.any(AbortSignal) },
    ]);
    expect(shell.requests[0]?.threads).toEqual({ max: 3, concurrency: 3 });
    expect(parseRows(out)).toHaveLength(2);
  });

  it('asks for no more lanes than tasks may run at once', async () => {
    const { shell } = await runMain(['batch', DOUBLE, '--concurrency', '1'], { cwd: '/', stdin: numbers(1) });
    expect([shell.requests[0]?.threads, shell.mapOptions]).toEqual([
      { max: 1 },
      [{ ordered: false, context: {}, drainSignal: expect.any(AbortSignal) }],
    ]);
  });

  it('prints the summary as JSON with --json', async () => {
    const folder = folderWith(numbers(4));
    const { out, err } = await runMain(['batch', DOUBLE, 'in.ndjson', '-o', 'out.ndjson', '--json'], {
      cwd: folder.path,
      behaviour: failsOn([2]),
    });
    expect(JSON.parse(out)).toMatchObject({
      ...{
        action: 'double',
        rows: 4,
        ok: 3,
        failed: 1,
        failures: { execution_error: 1 },
        busyMs: 4,
        end: 'done',
        exitCode: 1,
        problem: null,
      },
      firstFailures: [{ index: 2, line: 3, type: 'execution_error', message: 'no 2' }],
      output: folder.at('out.ndjson'),
    });
    expect(err).toBe('');
  });
});

describe('the dead letter', () => {
  it('holds failed rows as they stand in the input, and is an input itself', async () => {
    const folder = folderWith('{"n":0}\n{"n":1, "x": "é"}\n{broken\n{"n":3}\n');
    const args = ['batch', DOUBLE, 'in.ndjson', '-o', 'out.ndjson', '--dead-letter', 'dead.ndjson'];
    expect((await runMain(args, { cwd: folder.path, behaviour: failsOn([1]) })).code).toBe(1);
    expect(folder.read('dead.ndjson')).toBe('{"n":1, "x": "é"}\n{broken\n');
    const again = await runMain(['batch', DOUBLE, 'dead.ndjson'], { cwd: folder.path });
    expect(parseRows(again.out).map(({ ok: isOk }) => isOk)).toEqual([true, false]);
  });

  it('of a CSV is a CSV with its header, records as they stand', async () => {
    const folder = folderWith('n,name\n1,"a, ""b"""\n2,"x\ny"\n3,c,d\n', 'in.csv');
    const args = ['batch', DOUBLE, 'in.csv', '-o', 'out.ndjson', '--dead-letter', 'dead.csv'];
    expect((await runMain(args, { cwd: folder.path, behaviour: failsOn([1, 2]) })).code).toBe(1);
    expect(folder.read('dead.csv')).toBe('n,name\n1,"a, ""b"""\n2,"x\ny"\n3,c,d\n');
    const again = await runMain(['batch', DOUBLE, 'dead.csv'], { cwd: folder.path });
    expect(parseRows(again.out).map(({ value }) => value)).toEqual([2, 4, undefined]);
  });

  it('of a CSV is NDJSON when it is named so, cells as the schema asks', async () => {
    const folder = folderWith('n,name\n1,a\n3,c,d\n', 'in.csv');
    await runMain(['batch', DOUBLE, 'in.csv', '-o', 'out.ndjson', '--dead-letter', 'dead.ndjson'], {
      cwd: folder.path,
      behaviour: failsOn([1]),
    });
    expect(folder.read('dead.ndjson')).toBe('{"n":1,"name":"a"}\n["3","c","d"]\n');
  });

  it('survives a resumed run with its header once', async () => {
    const folder = folderWith('n\n0\n1\n2\n3\n', 'in.csv');
    const args = ['batch', DOUBLE, 'in.csv', '-o', 'out.ndjson', '--journal', 'j', '--dead-letter', 'dead.csv'];
    const behaviour = failsOn([0, 1, 2, 3]);
    await runMain([...args, '--limit', '2'], { cwd: folder.path, behaviour });
    await runMain([...args, '--resume'], { cwd: folder.path, behaviour });
    expect(folder.read('dead.csv')).toBe('n\n0\n1\n2\n3\n');
    await runMain([...args, '--resume-failed'], { cwd: folder.path, behaviour: failsOn([2]) });
    expect(folder.read('dead.csv')).toBe('n\n2\n');
  });
});

it.each(['in.ndjson', '-'])('an input of many chunks is gone on with: %s', async (input) => {
  const count = 100_000;
  const folder = folderWith(numbers(count));
  const args = ['batch', DOUBLE, input, '-o', 'out.ndjson', '--journal', 'j'];
  const options = { cwd: folder.path, ...(input === '-' ? { stdin: numbers(count) } : {}) };
  for (const limit of [30_000, 60_000]) {
    expect((await runMain([...args, '--resume', '--limit', String(limit)], options)).code).toBe(0);
  }
  expect(await runMain([...args, '--resume'], options)).toMatchObject({ code: 0 });
  expect(folder.rows('out.ndjson').map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
});

describe('--dry-run', () => {
  it('checks every row by the schema, names line and field, runs and writes nothing', async () => {
    const folder = folderWith('{"n":1}\n{"n":"x"}\n{oops\n[1]\n');
    const behaviour = (): never => {
      throw new Error('it ran');
    };
    const { code, err, out } = await runMain(['batch', DOUBLE, 'in.ndjson', '-o', 'out.ndjson', '--dry-run'], {
      cwd: folder.path,
      behaviour,
    });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('line 2: `/n` expected number, got "x"');
    expect(err).toContain('line 3: expected a JSON object');
    expect(err).toContain('line 4: ');
    expect(err).toContain('4 rows checked: 3 not');
    expect(() => folder.read('out.ndjson')).toThrow('ENOENT');
  });

  it('is 0 when all is well, and JSON with --json', async () => {
    const { code, out } = await runMain(['batch', DOUBLE, '--dry-run', '--json'], { cwd: '/', stdin: numbers(3) });
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ dryRun: true, rows: 3, ok: 3, failed: 0, exitCode: 0 })]);
  });
});

describe('what is wrong with the command is told before anything runs', () => {
  it.each([
    [['--resume'], '`--resume` needs `--journal'],
    [['--resume-failed'], '`--resume-failed` needs `--journal'],
    [['--journal', 'j'], '`--journal` needs `-o <file>`'],
    [['--json'], '`--json` prints the summary on stdout'],
    [['-o', 'in.ndjson'], 'output and input are the same file'],
    [['-o', 'o', '--dead-letter', 'o'], '--dead-letter and output are the same file'],
    [['--dead-letter', 'd.csv'], '`--dead-letter` can be a .csv only'],
    [['-o', 'o', '--journal', 'j', '--resume-failed', '--keep-order'], '`--keep-order` does not go with'],
    [['--context', '[1]'], '`--context` expected a JSON object'],
    [['--action', 'nope'], 'has no action `nope`'],
    [['-o', 'no/such/folder/out.ndjson'], 'cannot be opened'],
  ])('%j: %s', async (args, message) => {
    const folder = folderWith(numbers(2));
    const { code, err } = await runMain(['batch', DOUBLE, 'in.ndjson', ...args], { cwd: folder.path });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect(folder.read('in.ndjson')).toBe(numbers(2));
  });

  it.each([
    [['batch', DOUBLE, 'missing.ndjson'], 'The input `'],
    [['batch', DOUBLE], 'name an input file, or pipe rows in'],
    [['batch', 'missing.js', '-'], 'There is no file `missing.js`'],
    [['batch', fixture('several.js'), '-'], 'has 3 actions: say which by name'],
    [['batch', fixture('several.js'), '-', '--action', 'count'], 'nobody answers it for each row: use `heddle run`'],
  ])('%j', async (args, message) => {
    const { code, err } = await runMain(args, { cwd: createFolder().path });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('what breaks on the way', () => {
  it('an output without room ends the run with 3, and records nothing that is not in it', async () => {
    const { code, err } = await runMain(['batch', DOUBLE, '-', '-o', '/dev/full'], { cwd: '/', stdin: numbers(10) });
    expect([code, err]).toEqual([3, expect.stringContaining('no space left on the device')]);
  });

  it('a runtime without threads ends it with 3', async () => {
    const ready = (): Promise<void> => Promise.reject(new HeddleError('config_error', 'bad execArgv'));
    const { code, err } = await runMain(['batch', DOUBLE], { cwd: '/', stdin: numbers(1), runtime: { ready } });
    expect([code, err]).toEqual([3, expect.stringContaining('No thread could be started: bad execArgv')]);
  });

  it('a CSV header that cannot be used ends it with 2', async () => {
    const { code, err } = await runMain(['batch', DOUBLE, '--format', 'csv'], { cwd: '/', stdin: 'n,n\n1,2\n' });
    expect([code, err]).toEqual([2, expect.stringContaining('the column `n` is there twice')]);
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s once finishes what is under way, stops reading, and ends with %d', async (signal, code) => {
    const folder = folderWith(numbers(1000));
    const { createFakeShell } = await import('./support/fake-shell.ts');
    const { main } = await import('../src/main.ts');
    const shell = createFakeShell({
      cwd: folder.path,
      behaviour({ n }) {
        if (n === 10) shell.signal(signal);
        return ok(n);
      },
    });
    expect(await main(['batch', DOUBLE, 'in.ndjson', '-o', 'out.ndjson', '--journal', 'j'], shell)).toBe(code);
    expect(folder.rows('out.ndjson')).toHaveLength(11);
    expect(shell.err()).toContain('go on with `--resume`');
  });

  it('ends a read that waits on a silent pipe', async () => {
    const { createFakeShell } = await import('./support/fake-shell.ts');
    const { main } = await import('../src/main.ts');
    const { PassThrough } = await import('node:stream');
    const stdin = new PassThrough();
    const fake = createFakeShell({
      cwd: '/',
      behaviour({ n }) {
        setImmediate(() => fake.signal('SIGINT'));
        return ok(n);
      },
    });
    stdin.write(numbers(1));
    expect(await main(['batch', DOUBLE, '-'], { ...fake, stdin })).toBe(130);
    expect(parseRows(fake.out())).toHaveLength(1);
  });
});

it('a failure that carries what is no JSON is still written', async () => {
  const details = { big: 1n };
  const { out } = await runMain(['batch', DOUBLE], {
    cwd: '/',
    stdin: numbers(1),
    behaviour: () => fail(new HeddleError('execution_error', 'odd', { details })),
  });
  expect(parseRows(out)[0]?.error?.message).toBe('odd');
});
