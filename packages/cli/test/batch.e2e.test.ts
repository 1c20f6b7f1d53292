import { describe, expect, it } from 'vitest';
import { createLedger, type Ledger } from '../src/journal/ledger.ts';
import { readJournal } from '../src/journal/read-journal.ts';
import { createFolder, type Folder, numbers, parseRows } from './support/folder.ts';
import { contentsOf, fixture, type Heddle, heddle, startHeddle, until } from './support/process.ts';

const DOUBLE = fixture('double.js');
const COUNT = 4000;
const FROM = 20;

/** A folder with rows of which those from 20 on wait for the file `gate`, and the command that runs them. */
function gatedBatch(): { folder: Folder; args: string[]; start(...more: string[]): Heddle; ran(): number[]; ledger(): Ledger } {
  const folder = createFolder();
  folder.write('in.ndjson', numbers(COUNT));
  folder.write('log', '');
  const context = JSON.stringify({ log: folder.at('log'), gate: folder.at('gate'), from: FROM });
  const args = [
    'batch',
    fixture('gated.js'),
    'in.ndjson',
    '-o',
    'out.ndjson',
    '--journal',
    'run.journal',
    '--context',
    context,
    // One, so that no row before the gate waits behind one that stands at it: what a busy lane gives back may go out of turn.
    '--threads',
    '1',
  ];
  return {
    folder,
    args,
    start: (...more) => startHeddle([...args, ...more], { cwd: folder.path }),
    ran: () =>
      contentsOf(folder.at('log'))
        .split('\n')
        .filter((line) => line !== '')
        .map(Number),
    ledger() {
      const contents = readJournal('run.journal', Buffer.from(contentsOf(folder.at('run.journal'))));
      return createLedger(contents?.records.map(({ record }) => record) ?? []);
    },
  };
}

function expectAllOnce(folder: Folder): void {
  const rows = folder.rows('out.ndjson').sort((a, b) => a.index - b.index);
  expect(rows.map(({ index, value }) => [index, value])).toEqual(Array.from({ length: COUNT }, (_, n) => [n, n * 2]));
}

describe('heddle batch, whole', () => {
  it('0 when all is ok: NDJSON in, NDJSON out, a summary on stderr', async () => {
    const folder = createFolder();
    folder.write('in.ndjson', numbers(1000));
    const { code, out, err } = await heddle(['batch', DOUBLE, 'in.ndjson', '-o', 'out.ndjson'], { cwd: folder.path });
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(/^1 000 rows: 1 000 ok, 0 failed\n {2}time .* wall, .* CPU · .* rows\/s\n {2}speed-up .* × one lane/);
    const rows = folder.rows('out.ndjson').sort((a, b) => a.index - b.index);
    expect(rows.map(({ value }) => value)).toEqual(Array.from({ length: 1000 }, (_, n) => ({ doubled: n * 2 })));
  });

  it('1 when rows fail, of the action and of the input alike; the others run', async () => {
    const input = '{"n":0}\n{"n":1}\n[2]\n{"n":\n{"n":4}\n';
    const { code, out, err } = await heddle(['batch', fixture('faulty.js'), '--action', 'odd', '--keep-order', '-'], { stdin: input });
    expect(code).toBe(1);
    expect(parseRows(out).map((row) => [row.index, row.ok, row.line, row.error?.type])).toEqual([
      [0, true, undefined, undefined],
      [1, false, 2, 'execution_error'],
      [2, false, 3, 'invalid_input'],
      [3, false, 4, 'invalid_input'],
      [4, true, undefined, undefined],
    ]);
    expect(err).toContain('3 failed (2 invalid_input, 1 execution_error)');
  });

  it('names the field of a row that the schema refuses', async () => {
    const { code, err } = await heddle(['batch', DOUBLE], { stdin: '{"n":1}\n{"n":"two"}\n' });
    expect([code, err]).toEqual([1, expect.stringContaining('line 2: `/n` expected number, got "two" (validation_error)')]);
  });

  it('reads CSV, cells as the schema asks; its dead letter is an input', async () => {
    const folder = createFolder();
    folder.write('in.csv', 'n,by\n1,10\n2,\nx,1\n4,0.5\n');
    const first = await heddle(['batch', DOUBLE, 'in.csv', '-o', 'out.ndjson', '--dead-letter', 'dead.csv', '--keep-order'], {
      cwd: folder.path,
    });
    expect(first.code).toBe(1);
    expect(folder.rows('out.ndjson').map(({ value }) => value)).toEqual([{ doubled: 10 }, { doubled: 4 }, undefined, { doubled: 2 }]);
    expect(folder.read('dead.csv')).toBe('n,by\nx,1\n');
    folder.write('dead.csv', folder.read('dead.csv').replace('x', '3'));
    const again = await heddle(['batch', DOUBLE, 'dead.csv'], { cwd: folder.path });
    expect([again.code, parseRows(again.out)[0]?.value]).toEqual([0, { doubled: 3 }]);
  });

  it('keeps the order of the input, faulty rows in their place', async () => {
    const input = numbers(500).replace('{"n":250}', 'oops');
    const { out } = await heddle(['batch', DOUBLE, '--keep-order'], { stdin: input });
    expect(parseRows(out).map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  it('runs a .ts module', async () => {
    const { code, out } = await heddle(['batch', fixture('typed.ts')], { stdin: '{"text":"a"}\n' });
    expect([code, parseRows(out)[0]?.value]).toEqual([0, 'A']);
  });

  it('keeps stdout for rows', async () => {
    const { out } = await heddle(['batch', fixture('chatty.js')], { stdin: numbers(3) });
    expect(parseRows(out).map(({ value }) => value)).toHaveLength(3);
  });

  it('2 for a dry run with faults, and the input is not run', async () => {
    const { code, out, err } = await heddle(['batch', DOUBLE, '--dry-run'], { stdin: '{"n":1}\n{}\n' });
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('line 2: `/n` expected number, got nothing')]);
  });

  it('3 when the output breaks', async () => {
    const { code, err } = await heddle(['batch', DOUBLE, '-', '-o', '/dev/full'], { stdin: numbers(10) });
    expect([code, err]).toEqual([3, expect.stringContaining('no space left')]);
  });

  it('ends when the reader of its results is gone', async () => {
    const folder = createFolder();
    folder.write('in.ndjson', numbers(200_000));
    const { child, ended } = startHeddle(['batch', DOUBLE, 'in.ndjson'], { cwd: folder.path });
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ code: 3, err: expect.stringContaining('its reader is gone') as string });
  });
});

describe('a batch that is ended goes on', () => {
  it('after SIGKILL: no row lost, no recorded row run twice', async () => {
    const { folder, start, ran, ledger } = gatedBatch();
    const first = start();
    await until(() => ledger().ok.size === FROM && ran().length > FROM);
    first.child.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    // As a kill in the middle of a write leaves them.
    folder.write('out.ndjson', `${folder.read('out.ndjson')}{"index":2`);
    folder.write('run.journal', `${folder.read('run.journal')}{"ok":"2`);
    folder.write('gate', '');
    const second = await start('--resume').ended;
    expect([second.code, second.err]).toEqual([0, expect.stringContaining('going on after 20 rows done (0 failed)')]);
    expectAllOnce(folder);
    const runs = ran();
    for (let n = 0; n < FROM; n++) expect(runs.filter((other) => other === n)).toHaveLength(1);
  });

  it('after one Ctrl-C: what is under way is finished and recorded, the rest is not begun', async () => {
    const { folder, start, ran, ledger } = gatedBatch();
    const first = start();
    await until(() => ledger().ok.size === FROM && ran().length > FROM);
    first.child.kill('SIGINT');
    await first.errHolds('finishing the rows under way');
    folder.write('gate', '');
    const { code, err } = await first.ended;
    expect([code, err]).toEqual([130, expect.stringContaining('go on with `--resume`')]);
    const done = folder.rows('out.ndjson').length;
    expect(done).toBe(ran().length);
    expect(done).toBeLessThan(COUNT);
    expect((await start('--resume').ended).code).toBe(0);
    expectAllOnce(folder);
    expect(ran().sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, n) => n));
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('after %s twice: at once, with what had settled recorded', async (signal, code) => {
    const { folder, start, ran, ledger } = gatedBatch();
    const first = start();
    await until(() => ledger().ok.size === FROM && ran().length > FROM);
    first.child.kill(signal);
    await first.errHolds('once more ends at once');
    // Again and again: one that follows close on the first is its echo.
    await until(() => !first.child.kill(signal));
    expect(await first.ended).toMatchObject({ code, err: expect.stringContaining('20 rows: 20 ok') as string });
    folder.write('gate', '');
    expect((await start('--resume').ended).code).toBe(0);
    expectAllOnce(folder);
  });

  it('and refuses a second run beside the first', async () => {
    const { folder, start, ran } = gatedBatch();
    const first = start();
    await until(() => ran().length > FROM);
    const second = await start('--resume').ended;
    expect([second.code, second.err]).toEqual([2, expect.stringContaining(`in use by process ${first.child.pid}`)]);
    folder.write('gate', '');
    expect((await first.ended).code).toBe(0);
    expectAllOnce(folder);
  });

  it('from a pipe: the same input is gone on with, another is refused', async () => {
    const folder = createFolder();
    const args = ['batch', DOUBLE, '-', '-o', 'out.ndjson', '--journal', 'j'];
    const cwd = folder.path;
    expect((await heddle([...args, '--limit', '10'], { cwd, stdin: numbers(30) })).code).toBe(0);
    const other = await heddle([...args, '--resume'], { cwd, stdin: numbers(30).replace('{"n":3}', '{"n":7}') });
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('has changed since the journal was written')]);
    expect((await heddle([...args, '--resume'], { cwd, stdin: numbers(30) })).code).toBe(0);
    expect(folder.rows('out.ndjson')).toHaveLength(30);
  });
});
