import { describe, expect, it } from 'vitest';
import { createFolder } from './support/folder.ts';
import { contentsOf, fixture, heddle, startHeddle, until } from './support/process.ts';

describe('heddle bench, the process', () => {
  it('measures an action on real threads, and leaves stdout to the report', async () => {
    const folder = createFolder();
    const args = ['bench', fixture('bench.js'), '-a', 'doubles', '-p', '{"n":4}', '--quick', '--threads', '1,2', '--max-calls', '600'];
    const { code, out, err } = await heddle([...args, '--report', 'out.html'], { cwd: folder.path });
    expect([code, err]).toEqual([0, expect.stringContaining('the report is in')]);
    expect(out).toMatch(/^doubles \(.*bench\.js, 16 calls under way, medians of \d rounds?, Node /);
    expect(out).toMatch(/\nThe action was run \d+ times\.\n$/);
    expect(folder.read('out.html')).toContain('</html>');
  });

  it('shows what the first calls print, and no more', async () => {
    const { code, out, err } = await heddle(['bench', fixture('chatty.js'), '-p', '{"n":1}', '--quick', '--max-calls', '200']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^chatty /)]);
    // Loaded here and in the first thread, then called in it and here.
    expect(err.split('from console.log').length - 1).toBe(2);
  });

  it('names the field at fault, and ends with 2', async () => {
    const { code, out, err } = await heddle(['bench', fixture('bench.js'), '-a', 'doubles', '--quick']);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('`/n` expected number, got nothing')]);
  });

  it('Ctrl-C ends a call that would go on for ever, and the exit code is 130', async () => {
    const folder = createFolder();
    const context = JSON.stringify({ log: folder.at('log') });
    const { child, ended } = startHeddle(['bench', fixture('stubborn.js'), '--action', 'deaf', '--context', context, '--timeout', '1h']);
    await until(() => contentsOf(folder.at('log')) === 'began\n');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, out: '' });
  });
});
