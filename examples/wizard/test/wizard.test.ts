import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

test('a wizard is asked and answered, throws to its caller, and cleans up when it is left (C-1, C-3, C-4, C-6, C-7)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [pathOf('dist/main.js')]);
  expect(stdout.split('\n')).toEqual([
    '1 of 2: Which name?',
    'Invalid value for action signUp: `/` expected string of length ≥ 1, got ""',
    '2 of 2: Which e-mail address?',
    '2 of 2: `alice at example.com` is no address. Which one is it?',
    'welcome Alice alice@example.com',
    '1 of 2: Which name?',
    'no: {"reason":"name_taken","name":"Alice"}',
    '1 of 2: Which name?',
    'draft is there: true',
    'cancelled: the page was closed',
    'draft is there: false',
    '1 of 2: Which name?',
    '2 of 2: Which e-mail address?',
    'welcome Bob bob@example.com',
    '',
  ]);
});

test('the same wizard asks at the command line', () => {
  const args = [pathOf('node_modules/heddle/bin/heddle.js'), 'run', pathOf('dist/sign-up.js')];
  const { status, stdout } = spawnSync(process.execPath, args, { input: 'Ada\nada@example.com\n', encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '{"name":"Ada","email":"ada@example.com"}\n']);
});
