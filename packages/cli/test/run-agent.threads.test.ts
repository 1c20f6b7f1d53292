import { PassThrough } from 'node:stream';
import { createRuntime } from '@heddle/worker-pool';
import { describe, expect, it } from 'vitest';
import { main } from '../src/main.ts';
import type { ExitCode } from '../src/shell/exit-code.ts';
import { createFakeShell, runMain } from './support/fake-shell.ts';
import { fixture, until } from './support/process.ts';

interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs an agent of the fixture with these lines as a piped stdin. */
async function run(agent: string, lines: readonly string[], ...args: string[]): Promise<Ended> {
  const shell = { ...createFakeShell({ cwd: '.', stdin: lines.map((line) => `${line}\n`).join('') }), createRuntime };
  const code = await main(['run', fixture('basket.js'), '--action', agent, ...args], shell);
  return { code, out: shell.out(), err: shell.err() };
}

const eventsOf = (out: string): { readonly kind: string }[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string });

describe('heddle run on an agent', () => {
  it('W-1 casts, calls, shows the state when asked, and prints the last state at the end of input', async () => {
    const { code, out, err } = await run('basket', ['add {"item":"tea"}', '? count', '? pick 1', 'state', 'add {"item":"cup"}']);
    const state = (...items: string[]): string => `${JSON.stringify({ items: ['bag', ...items], status: 'open' })}\n`;
    expect([code, out]).toEqual([0, `2\n"tea"\n${state('tea')}${state('tea', 'cup')}`]);
    expect(err.startsWith(state() + state('tea'))).toBe(true);
  });

  it('W-1 begins with `--params`, and leaves what stands after `stop` unread', async () => {
    expect(await run('basket', ['stop', 'nope'], '--params', '{"items":[]}')).toMatchObject({
      code: 0,
      out: '{"items":[],"status":"open"}\n',
    });
    expect(await run('basket', [], '--params', '{"items":5}')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('`/items` expected array, got 5') as string,
    });
  });

  it('W-1 lists the signals and their data', async () => {
    const { err } = await run('basket', ['help']);
    expect(err).toMatch(/ add\n +item +string +required +its name\n +times +integer +default 1\n +pick +integer\n/);
  });

  it('W-2 says that it has completed, and reads on', async () => {
    const { code, out, err } = await run('basket', ['checkOut', '? count']);
    expect([code, out]).toEqual([0, '1\n{"items":["bag"],"status":"completed","lastAnswer":1}\n']);
    expect(err).toContain('completed; it goes on until it is stopped\n');
  });

  it('W-2 ends with 1 when its state says that it failed', async () => {
    const { code, out, err } = await run('basket', ['cancel {"reason":"late"}']);
    expect([code, JSON.parse(out)]).toEqual([1, { items: ['bag'], status: 'failed', error: { type: 'cancelled', reason: 'late' } }]);
    expect(err).toContain('failed; it goes on until it is stopped\n');
  });

  it('W-1 ends with 1, and reads no more, when it dies of a signal', async () => {
    const stdin = new PassThrough();
    const shell = { ...createFakeShell({ cwd: '.', stdin: '' }), stdin, createRuntime };
    stdin.write('drop\n');
    expect(await main(['run', fixture('basket.js'), '--action', 'glass'], shell)).toBe(1);
    expect([shell.out(), shell.err()]).toEqual(['', expect.stringContaining('error: the glass broke')]);
  });

  it.each([
    ['nope', 'Agent basket has no signal `nope`'],
    ['? nope', 'Agent basket has no signal `nope`'],
    ['add {', 'The data of `add` must be JSON'],
    ['add {"item":5}', '`/item` expected string, got 5'],
    ['? pick "x"', 'expected integer, got "x"'],
  ])('W-1 tells what is wrong with the line `%s`, goes on, and ends with 2 where stdin is a pipe', async (line, message) => {
    const { code, out, err } = await run('basket', [line, '? count']);
    expect([code, out]).toEqual([2, '1\n{"items":["bag"],"status":"open"}\n']);
    expect(err).toContain(message);
  });

  it('W-1 prints what happens as lines of JSON', async () => {
    const { code, out } = await run('basket', ['? count', 'nope', '? drop', 'drop', '? count'], '--json');
    const count = { kind: 'reply', signal: 'count', ok: true, value: 1 };
    const state = { items: ['bag'], status: 'open' };
    const fell = { type: 'execution_error', message: 'the basket fell' };
    expect(code).toBe(2);
    expect(eventsOf(out)).toMatchObject([
      { kind: 'state', state },
      count,
      { kind: 'error', error: { type: 'invalid_input' } },
      { kind: 'error', signal: 'drop', error: fell },
      { kind: 'reply', signal: 'drop', ok: false, error: fell },
      { kind: 'error', signal: 'drop', error: fell },
      count,
      { kind: 'ended', ok: true, state },
    ]);
  });

  it('W-1 Ctrl-C stops it and prints its last state, and the second ends the process', async () => {
    // Never ended: nothing but the signal can end the input.
    const shell = { ...createFakeShell({ cwd: '.' }), stdin: new PassThrough(), createRuntime };
    const code = main(['run', fixture('basket.js'), '--action', 'basket'], shell);
    await until(() => shell.err().includes('{"items":["bag"]'));
    shell.signal('SIGINT');
    expect(() => shell.signal('SIGTERM')).toThrow('exit 143');
    expect([await code, shell.out()]).toEqual([0, '{"items":["bag"],"status":"open"}\n']);
    expect(shell.err()).toContain('stopping; once more ends at once\n');
  });

  it.each(['--stream', '--retries=1'])('refuses %s', async (flag) => {
    expect(await run('basket', [], flag)).toMatchObject({ code: 2, err: expect.stringContaining('is not for agents') as string });
  });
});

describe('agents beside actions', () => {
  it('W-1 are listed', async () => {
    const { code, out } = await runMain(['list', fixture('basket.js'), '--json'], { cwd: '.' });
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      [
        { name: 'basket', kind: 'agent', description: 'Keeps what is bought.' },
        { name: 'glass', kind: 'agent' },
      ],
    ]);
  });

  it('W-1 are described: state, first state, signals with their data, what a failure does', async () => {
    const args = ['describe', fixture('basket.js'), 'basket'];
    const [text, json] = await Promise.all([runMain(args, { cwd: '.' }), runMain([...args, '--json'], { cwd: '.' })]);
    for (const part of ['kind         agent', 'restart, at most 3 in 5 s', '{"items":["bag"]}', 'default "open"', 'count  any data'])
      expect(text.out).toContain(part);
    expect(JSON.parse(json.out)).toMatchObject({
      kind: 'agent',
      failurePolicy: 'restart',
      initialState: { items: ['bag'] },
      schema: { type: 'object' },
      signals: { add: { required: ['item', 'times'] }, count: {} },
    });
  });

  it('W-1 are nothing that a batch runs', async () => {
    const { code, err } = await runMain(['batch', fixture('basket.js'), '--action', 'glass', '--dry-run'], { cwd: '.', stdin: '' });
    expect([code, err]).toEqual([2, expect.stringContaining('`glass` is an agent')]);
  });
});
