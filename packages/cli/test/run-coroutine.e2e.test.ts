import { describe, expect, it } from 'vitest';
import { createFolder } from './support/folder.ts';
import { contentsOf, type Ended, fixture, heddle, startHeddle, until } from './support/process.ts';

const ASKS = fixture('asks.js');
const run = (action: string, stdin: string, ...args: string[]): Promise<Ended> =>
  heddle(['run', ASKS, '--action', action, ...args], { stdin });
const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('heddle run on a coroutine', () => {
  it('C-1, C-7 asks on stderr, takes a line each from stdin, and prints the value', async () => {
    expect(await run('free', 'x\n12\n{"a":1}\n')).toEqual({
      code: 0,
      signal: null,
      out: '["x",12,{"a":1}]\n',
      err: 'What is it?\nanswers 1\nAnd this?\nanswers 2\n{"of":["several","kinds"]}\n',
    });
  });

  it('asks for what the `resumeSchema` says, and ends with 2 at an answer that it refuses', async () => {
    expect(await run('profile', 'Ada\n36\n\ny\nMain St\n\n\n')).toMatchObject({
      code: 0,
      out: '{"name":"Ada","age":36,"plan":"free","news":true,"address":{"street":"Main St"}}\n',
    });
    expect(await run('sum', '1\nx\n')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('expected number, got "x"') as string,
    });
  });

  it('C-1 prints each step as a line of JSON for a program that answers line by line', async () => {
    const { child, ended } = startHeddle(['run', ASKS, '--action', 'sum', '--json'], { stdin: 'pipe' });
    let out = '';
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    await until(() => out.endsWith('\n'));
    expect(linesOf(out)).toEqual([{ kind: 'suspended', seq: 1, value: '1 of 2?', data: null }]);
    child.stdin?.write('1\n');
    await until(() => linesOf(out).length === 2);
    child.stdin?.write('2\n');
    expect(await ended).toMatchObject({ code: 0, err: '' });
    expect(linesOf(out).slice(1)).toEqual([
      { kind: 'suspended', seq: 2, value: '2 of 2?', data: null },
      { kind: 'completed', seq: 3, value: 3 },
    ]);
  });

  it.each([
    ['thrown', 1, 'error: {"reason":"taken"} (thrown)', { error: { reason: 'taken' } }],
    [
      'error',
      1,
      'error: it broke (ERR_HEDDLE_EXECUTION_ERROR)',
      { error: { kind: 'error', payload: { name: 'TypeError', message: 'it broke' } } },
    ],
    ['exit', 3, 'ERR_HEDDLE_WORKER_LOST', { error: { kind: 'exit', payload: { type: 'worker_lost' } } }],
  ] as const)('C-6 tells how it was thrown out of: %s', async (how, code, err, step) => {
    const [told, json] = await Promise.all([run('ends', `${how}\n`), run('ends', `${how}\n`, '--json')]);
    expect(told).toMatchObject({ code, out: '', err: expect.stringContaining(err) as string });
    expect(json.code).toBe(code);
    expect(linesOf(json.out)[1]).toMatchObject({ kind: 'thrown', seq: 2, ...step });
  });

  it('ends with 1 when the value is no JSON', async () => {
    for (const args of [[], ['--json']])
      expect(await run('ends', 'big\n', ...args)).toMatchObject({
        code: 1,
        err: expect.stringContaining('cannot be written as JSON') as string,
      });
  });

  it('C-4 cancels it when stdin ends while it asks: it tidies up, and the exit code is 2', async () => {
    const folder = createFolder();
    const { code, out, err } = await run('free', 'x\n', '--context', JSON.stringify({ log: folder.at('log') }));
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('stdin ended while action free was asking: And this?')]);
    expect(folder.read('log')).toBe('tidied up\n');
    const json = await run('free', 'x\n', '--json');
    expect([json.code, linesOf(json.out)[2]]).toEqual([
      2,
      { kind: 'cancelled', seq: 3, reason: 'stdin ended while action free was asking: And this?' },
    ]);
  });

  it.each([
    ['while it asks', 'free', '', 'What is it?'],
    ['while it computes', 'ponders', 'y\n', 'began'],
  ])('C-4 Ctrl-C %s cancels it and waits for its cleanup: 130', async (_when, action, answers, sign) => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended, errHolds } = startHeddle(['run', ASKS, '--action', action, '--context', context, '--timeout', '1h'], {
      stdin: 'pipe',
    });
    child.stdin?.write(answers);
    if (answers === '') await errHolds(sign);
    else await until(() => contentsOf(folder.at('log')).includes(sign));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('cancelling; once more ends at once') as string });
    expect(contentsOf(folder.at('log'))).toContain('tidied up\n');
  });

  it.each([
    [['--action', 'free', '--retries', '1'], '`--retries` is not for coroutines'],
    [['--action', 'free', '--json', '--stream'], 'Either `--json` or `--stream`'],
  ])('%j is a usage fault', async (args, message) => {
    expect(await heddle(['run', ASKS, ...args])).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) as string });
  });

  it.each(['--json', '--stream'])('%s of a plain action is a usage fault', async (flag) => {
    const { code, err } = await heddle(['run', fixture('double.js'), flag]);
    expect([code, err]).toEqual([2, expect.stringContaining(`\`${flag}\` is for coroutines`)]);
  });
});

describe('heddle run --stream', () => {
  it('C-9 prints each value as a line of JSON', async () => {
    expect(await run('counts', '', '--stream', '--params', '{"to":3}')).toEqual({
      code: 0,
      signal: null,
      out: '{"n":0}\n{"n":1}\n{"n":2}\n',
      err: '',
    });
  });

  it('C-9 runs no further than stdout is read, and is left when its reader goes: it tidies up, and the exit code is 0', async () => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended } = startHeddle(['run', ASKS, '--action', 'counts', '--stream', '--context', context]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ code: 0, err: '' });
    expect(folder.read('log')).toMatch(/^stopped at \d+\ntidied up\n$/);
  });

  it('C-9 prints what came before it failed, and ends with 1', async () => {
    const { code, out, err } = await run('counts', '', '--stream', '--params', '{"failAt":2}');
    expect([code, out, err]).toEqual([1, '{"n":0}\n{"n":1}\n', expect.stringContaining('failed at 2')]);
  });

  it('C-4 Ctrl-C cancels it and waits for its cleanup: 130', async () => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended } = startHeddle(['run', ASKS, '--action', 'counts', '--stream', '--params', '{"pause":1}', '--context', context]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    expect(folder.read('log')).toContain('tidied up\n');
  });
});
