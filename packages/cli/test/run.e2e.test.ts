import { describe, expect, it } from 'vitest';
import { createFolder } from './support/folder.ts';
import { contentsOf, fixture, heddle, startHeddle, until } from './support/process.ts';

const run = (module: string, ...args: string[]): ReturnType<typeof heddle> => heddle(['run', fixture(module), ...args]);

describe('heddle run', () => {
  it('prints the value as JSON on stdout and nothing on stderr', async () => {
    expect(await run('double.js', '--params', '{"n":4}')).toEqual({ code: 0, signal: null, out: '{"doubled":8}\n', err: '' });
  });

  it('runs a .ts module', async () => {
    expect(await run('typed.ts', '--params', '{"text":"hey"}')).toMatchObject({ code: 0, out: '"HEY"\n' });
  });

  it('shows what the action threw, with cause and place, and ends with 1', async () => {
    const { code, out, err } = await run('faulty.js', '--action', 'throws', '--retries', '0');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('error: out of cheese (ERR_HEDDLE_EXECUTION_ERROR)');
    expect(err).toContain('faulty.js:');
    expect(err).toContain('caused by Error: no milk');
  });

  it('names the field at fault, and ends with 2', async () => {
    const { code, err } = await run('double.js', '--params', '{"n":"x"}');
    expect([code, err]).toEqual([2, expect.stringContaining('`/n` expected number, got "x"')]);
  });

  it('stops at the timeout, says how to raise it, and ends with 1', async () => {
    const { code, err } = await run('faulty.js', '--action', 'slow', '--timeout', '50', '--retries', '0');
    expect([code, err]).toEqual([1, expect.stringContaining('--timeout 1m')]);
  });

  it('ends with 3 when the thread is lost', async () => {
    const { code, err } = await run('faulty.js', '--action', 'exits', '--retries', '0');
    expect([code, err]).toEqual([3, expect.stringContaining('ERR_HEDDLE_WORKER_LOST')]);
  });

  it('runs in a process of its own, or in the main thread, where that is asked for', async () => {
    const args = ['double.js', '--params', '{"n":4}', '--isolation'] as const;
    const [own, inline, wrong] = await Promise.all([run(...args, 'process'), run(...args, 'inline'), run(...args, 'none')]);
    expect([own, inline].map(({ code, out, err }) => [code, out, err])).toEqual([0, 0].map((code) => [code, '{"doubled":8}\n', '']));
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('expected thread, process or inline')]);
  });

  it('survives what would end a process where it runs in one of its own, and ends with 3', async () => {
    const { code, err } = await run('faulty.js', '--action', 'exits', '--retries', '0', '--isolation', 'process');
    expect([code, err]).toEqual([3, expect.stringContaining('lost its process')]);
  });

  it('ends with 1 when the value is no JSON', async () => {
    const { code, out, err } = await run('faulty.js', '--action', 'holds');
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('The value cannot be written as JSON')]);
  });

  it.each([
    [['several.js'], 'has 3 actions: say which by name'],
    [['several.js', '--action', 'quadruple'], 'has no action `quadruple`'],
    [['nowhere.js'], 'There is no file'],
  ])('%j is a usage fault', async ([module = '', ...args], message) => {
    const { code, out, err } = await run(module, ...args);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(message)]);
  });

  it('keeps stdout for the value: whatever else is written there goes to stderr', async () => {
    const { code, out, err } = await run('chatty.js', '--params', '{"n":1}');
    expect([code, out]).toEqual([0, '{"n":1}\n']);
    for (const text of ['loaded', 'from console.log', 'from process.stdout', 'warning: chatty: from ctx.log n=1', '50 %']) {
      expect(err).toContain(text);
    }
  });

  it('Ctrl-C asks the task to end: it tidies up, and the exit code is 130', async () => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended } = startHeddle(['run', fixture('stubborn.js'), '--action', 'gentle', '--context', context, '--timeout', '1h']);
    await until(() => contentsOf(folder.at('log')) === 'began\n');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, out: '', err: expect.stringMatching(/^waiting\n/) as string });
    expect(folder.read('log')).toBe('began\ntidied up\n');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the thread of a task that does not listen: %d', async (signal, code) => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended } = startHeddle(['run', fixture('stubborn.js'), '--action', 'deaf', '--context', context, '--timeout', '1h']);
    await until(() => contentsOf(folder.at('log')) === 'began\n');
    child.kill(signal);
    expect(await ended).toMatchObject({ code });
  });
});
