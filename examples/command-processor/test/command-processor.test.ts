import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('C-2, C-3, C-5 commands are answered to whoever asks, one at a time, and errors are thrown in', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    '1 suspended {"state":"ready","balance":100}',
    '2 suspended {"state":"ready","balance":150}',
    'to the teller: 3 suspended {"state":"refused","why":"there are only 150","balance":150}',
    '4 suspended {"state":"refused","why":"the till is locked","balance":150}',
    'not_suspended',
    '5 suspended {"state":"ready","balance":151}',
    'validation_error suspended',
    '6 completed {"balance":151} settled',
    '',
  ]);
});
