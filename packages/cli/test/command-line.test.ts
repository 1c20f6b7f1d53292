import { describe, expect, it } from 'vitest';
import { runMain } from './support/fake-shell.ts';
import { createFolder } from './support/folder.ts';
import { fixture } from './support/process.ts';

const run = (...args: string[]): ReturnType<typeof runMain> => runMain(args, { cwd: createFolder().path });

describe('the command line', () => {
  it('shows help with examples on stdout, for each command', async () => {
    for (const args of [
      ['--help'],
      ['run', '--help'],
      ['batch', '--help'],
      ['bench', '--help'],
      ['list', '--help'],
      ['dashboard', '--help'],
      ['describe', '--help'],
      ['help', 'batch'],
    ]) {
      const { code, out, err } = await run(...args);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('Examples:\n  $ heddle ');
    }
  });

  it('shows the version of the package', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['batsh'], 'Did you mean batch?'],
    [['batch', 'm', '--concurency', '3'], 'Did you mean --concurrency?'],
    [['run', 'm', '--timeout', 'soon'], 'expected a duration such as 500, 500ms, 2s or 1m'],
    [['batch', 'm', '--threads', '0'], 'expected a whole number, 1 or more'],
    [['batch', 'm', '--retries', '-1'], 'expected a whole number, 0 or more'],
    [['batch', 'm', '--format', 'xml'], 'expected ndjson or csv'],
    [['run'], "missing required argument 'module'"],
    [['run', 'a', 'b'], 'too many arguments'],
    [[], 'Usage: heddle'],
  ])('%j is a usage fault, told on stderr', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(message)]);
  });

  it('names the option whose JSON is none', async () => {
    expect((await run('run', fixture('double.js'), '--params', '{n:1}')).err).toContain('`--params` expected JSON, got `{n:1}`');
  });
});

describe('heddle list', () => {
  it('lists a file', async () => {
    const { code, out } = await run('list', fixture('several.js'));
    expect(code).toBe(0);
    expect(out).toMatch(/double +plain +\S+several\.js +Doubles a number\.\ntriple .*\ncount +coroutine /);
  });

  it('looks through a folder: imports what mentions defineAction, names what does not load', async () => {
    const folder = createFolder();
    const action = (name: string): string =>
      `import { defineAction } from '${new URL('../../core/dist/index.js', import.meta.url).href}'\nexport const ${name} = defineAction({ module: import.meta.url, name: '${name}', run: () => 1 })\n`;
    const { mkdirSync } = await import('node:fs');
    for (const name of ['sub', 'node_modules', '.hidden']) mkdirSync(folder.at(name));
    folder.write('a.mjs', action('a'));
    folder.write('sub/b.mjs', action('b'));
    folder.write('node_modules/c.mjs', action('c'));
    folder.write('.hidden/d.mjs', action('d'));
    folder.write('e.test.mjs', action('e'));
    folder.write('server.mjs', 'throw new Error("must not be imported")');
    folder.write('broken.mjs', '// defineAction\nexport const x = ;');
    const { code, out, err } = await runMain(['list', '--json'], {
      cwd: folder.path,
      runtime: {
        async register(url) {
          const { HeddleError, isAction } = await import('@heddle/core');
          try {
            const exports = Object.values((await import(String(url))) as object);
            return new Map(exports.filter(isAction).map((found) => [found.name, found]));
          } catch (cause) {
            throw new HeddleError('load_error', 'does not load', { cause });
          }
        },
      },
    });
    expect([code, (JSON.parse(out) as { name: string }[]).map(({ name }) => name)]).toEqual([0, ['a', 'b']]);
    expect(err).toBe('left out `broken.mjs`: does not load\n');
  });

  it('lists two files with an action of the same name', async () => {
    const folder = createFolder();
    const core = new URL('../../core/dist/index.js', import.meta.url).href;
    for (const file of ['one.mjs', 'two.mjs']) {
      const define = "defineAction({ module: import.meta.url, name: 'twin', run: () => 1 })";
      folder.write(file, `import { defineAction } from '${core}'\nexport const twin = ${define}\n`);
    }
    const { code, out, err } = await run('list', folder.path);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/twin .*one\.mjs\s*\ntwin .*two\.mjs/);
  });

  it('is a fault where there is nothing', async () => {
    const [folder, path] = await Promise.all([run('list', '.'), run('list', 'nowhere')]);
    expect([folder.code, folder.err]).toEqual([2, expect.stringContaining('No action or agent is exported')]);
    expect([path.code, path.err]).toEqual([2, expect.stringContaining('There is no file or folder `nowhere`')]);
  });
});

describe('heddle describe', () => {
  it('shows all of a file in words', async () => {
    const { code, out } = await run('describe', fixture('several.js'));
    expect(code).toBe(0);
    expect(out).toContain('Triples a number.');
    expect(out).toMatch(/tags +slow, odd/);
    expect(out).toMatch(/defaults +timeout 1 min, retries 2, backoff 100 ms/);
    expect(out).toMatch(/compensation +timeout 5 s, retries 1/);
    expect(out).toMatch(/kind +coroutine/);
    expect(out).toContain('params: any, it has no schema');
    expect(out).toContain('yields: any, it has no schema');
    expect(out).toContain('resumed with: any, it has no schema');
  });

  it('shows what a coroutine is resumed with', async () => {
    const { out } = await run('describe', fixture('asks.js'), 'profile');
    expect(out).toMatch(/resumed with\n +name +string of length ≥ 2 +required +as friends say it\n/);
    const { out: json } = await run('describe', fixture('asks.js'), 'sum', '--json');
    expect(JSON.parse(json)).toMatchObject({ kind: 'coroutine', resumeSchema: { type: 'number', default: 10 } });
  });

  it('shows one as JSON, schemas as JSON Schema', async () => {
    const { out } = await run('describe', fixture('several.js'), 'triple', '--json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ name: 'triple', kind: 'plain', vsn: '1.2.0', defaults: { timeoutMs: 60_000 } },
      schema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
    });
  });

  it('names the actions there are when there is no such one', async () => {
    const { code, err } = await run('describe', fixture('several.js'), 'quadruple');
    expect([code, err]).toEqual([2, expect.stringContaining('has no action `quadruple`: it has `double`, `triple`, `count`')]);
  });
});
