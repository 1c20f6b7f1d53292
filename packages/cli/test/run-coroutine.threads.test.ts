import { PassThrough } from 'node:stream';
import { createRuntime } from '@heddle/worker-pool';
import { expect, it } from 'vitest';
import { main } from '../src/main.ts';
import { createFakeShell } from './support/fake-shell.ts';
import { createFolder } from './support/folder.ts';
import { contentsOf, fixture, until } from './support/process.ts';

it('C-4 the first Ctrl-C cancels a coroutine, and the second ends the process', async () => {
  const folder = createFolder();
  const shell = { ...createFakeShell({ cwd: folder.path, stdin: 'y\n' }), createRuntime };
  const context = JSON.stringify({ log: folder.at('log') });
  const code = main(['run', fixture('asks.js'), '--action', 'ponders', '--context', context, '--timeout', '1h'], shell);
  await until(() => contentsOf(folder.at('log')) === 'began\n');
  shell.signal('SIGINT');
  expect(() => shell.signal('SIGTERM')).toThrow('exit 143');
  expect(await code).toBe(130);
  expect(folder.read('log')).toBe('began\ntidied up\n');
  expect(shell.err()).toContain('cancelling; once more ends at once\nerror: It was cancelled: stopped by SIGINT');
});

it('C-10 a coroutine whose thread is lost while it asks ends without an answer', async () => {
  const folder = createFolder();
  // Never written to and never ended: nothing but the coroutine's end can end the wait.
  const shell = { ...createFakeShell({ cwd: folder.path }), stdin: new PassThrough(), createRuntime };
  const context = JSON.stringify({ gate: folder.at('gate') });
  const code = main(['run', fixture('asks.js'), '--action', 'dies', '--context', context], shell);
  await until(() => shell.err() === 'Are you there?\n');
  folder.write('gate', '');
  expect(await code).toBe(3);
  expect(shell.err()).toContain('ERR_HEDDLE_WORKER_LOST');
});
